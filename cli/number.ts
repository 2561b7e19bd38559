import { UsageError } from "./command.ts";

/** What a flag's number may be. */
export interface NumberRange {
  readonly least: number;
  readonly most: number;
  /** Set where fractions are taken, too. */
  readonly fractions?: true;
}

/** The number that a flag is given. @throws UsageError that names the flag, what it is and what was expected */
export function readNumberFlag(flag: string, text: string, { least, most, fractions }: NumberRange): number {
  const number = Number(text);
  const isNumber = (fractions ? /^\d+(\.\d+)?$/ : /^\d+$/).test(text);
  if (isNumber && number >= least && number <= most) return number;
  const kind = fractions ? "number" : "whole number";
  throw new UsageError(
    `${flag} is ${text || "empty"}; expected a ${kind} from ${least.toLocaleString("en")} to ${most.toLocaleString("en")}`,
  );
}
