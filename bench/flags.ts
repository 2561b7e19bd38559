import { parseArgs } from "node:util";

/** A number of the command line, as `--cameras=100`. @throws RangeError that names the flag if it is none */
export function numberFlag(name: string, fallback: number): number {
  const { values } = parseArgs({ strict: false, options: { [name]: { type: "string" } } });
  const number = Number(values[name] ?? fallback);
  if (!(number > 0)) throw new RangeError(`--${name} is ${String(values[name])}; expected a number over 0`);
  return number;
}
