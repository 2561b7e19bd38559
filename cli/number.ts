import { UsageError } from "./command.ts";

/** The range of a flag's number, ends included. */
interface NumberRange {
  readonly least: number;
  readonly most: number;
  /** Set where fractions are allowed. */
  readonly fractions?: true;
}

/** Parses a flag's number. @throws UsageError that names the flag, its value and what was expected */
export function readNumberFlag(flag: string, text: string, { least, most, fractions }: NumberRange): number {
  const number = Number(text);
  const isNumber = (fractions ? /^\d+(\.\d+)?$/ : /^\d+$/).test(text);
  if (isNumber && number >= least && number <= most) return number;
  const kind = fractions ? "number" : "whole number";
  throw new UsageError(
    `${flag} is ${text || "empty"}; expected a ${kind} from ${least.toLocaleString("en")} to ${most.toLocaleString("en")}`,
  );
}
