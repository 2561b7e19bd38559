import { parseArgs } from "node:util";
import type { Clock } from "../base/clock.ts";
import { errorMessage } from "../base/errors.ts";
import type { Console } from "./console.ts";

/** A flag of a command; `about` is its line in the help. */
interface Flag {
  readonly type: "string" | "boolean";
  readonly about: string;
  /** The placeholder of the value in the help, e.g. `<id>`. */
  readonly value?: string;
  readonly default?: string;
  /** May be repeated; its value is a list. */
  readonly multiple?: true;
  /** A one-letter alias, e.g. `o` for `-o`. */
  readonly short?: string;
}

export type Flags = Readonly<Record<string, Flag>>;

type FlagValue<F extends Flag> = F["type"] extends "boolean"
  ? boolean
  : F extends { multiple: true }
    ? readonly string[]
    : F extends { default: string }
      ? string
      : string | undefined;

/** The arguments of a command's run. */
interface Invocation<F extends Flags> {
  readonly flags: { readonly [Name in keyof F]: FlagValue<F[Name]> };
  /** The arguments beside the flags, in order. */
  readonly operands: readonly string[];
  readonly console: Console;
  /** Aborts at the first Ctrl+C (SIGINT) or SIGTERM; the command then cleans up and ends. */
  readonly signal: AbortSignal;
  /** The time, for all that the command reads of it and waits for. */
  readonly clock: Clock;
}

/** A subcommand of `doorstep`. It throws a {@link UsageError} for wrong arguments, any other error for a failure. */
export interface Command<F extends Flags = Flags> {
  /** One word, or several where the command belongs to a group. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly about: string;
  /** Its operands as shown in the help, e.g. `["<source>"]`. All are required, except those in brackets, `[<name>]`. */
  readonly operands: readonly string[];
  readonly flags: F;
  /** Text below the flags in the help. */
  readonly notes?: string;
  run(invocation: Invocation<F>): Promise<void>;
}

/** Wrong arguments: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Every command has these. */
const COMMON_FLAGS = {
  json: { type: "boolean", about: "print one JSON object on stdout, and everything else on stderr" },
  help: { type: "boolean", about: "show this help" },
} as const satisfies Flags;

/** Gives `run` the exact types of its flags. */
export const defineCommand = <const F extends Flags>(command: Command<F>): Command =>
  command as unknown as Command;

/** @throws UsageError for an unknown flag, a missing value, or the wrong number of operands */
export function parseCommandLine(command: Command, args: readonly string[]) {
  const flags: Flags = { ...command.flags, ...COMMON_FLAGS };
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { type, short, multiple }]) => [
      name,
      { type, ...(short && { short }), ...(multiple && { multiple }) },
    ]),
  );
  let parsed;
  try {
    parsed = parseArgs({ args: joinNegatives(args, flags), options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(errorMessage(error));
  }
  const values = Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [
      name,
      parsed.values[name] ?? (flag.type === "boolean" ? false : flag.multiple ? [] : flag.default),
    ]),
  );
  const { operands } = command;
  const { length } = parsed.positionals;
  const required = operands.filter((operand) => !operand.startsWith("["));
  if (!values["help"] && (length < required.length || length > operands.length))
    throw new UsageError(
      `expected ${operands.join(" ") || "no operands"}, got ${parsed.positionals.join(" ") || "none"}`,
    );
  return {
    flags: values as Record<string, string | boolean | readonly string[] | undefined> & {
      json: boolean;
      help: boolean;
    },
    operands: parsed.positionals,
  };
}

/** Turns `--from -2h` into `--from=-2h`: `parseArgs` takes a value that begins with a dash for another flag. */
function joinNegatives(args: readonly string[], flags: Flags): string[] {
  const joined: string[] = [];
  const end = args.indexOf("--");
  for (const [at, arg] of args.entries()) {
    const before = joined.at(-1);
    const isValue =
      /^-\d/.test(arg) &&
      (end < 0 || at < end) &&
      before?.startsWith("--") === true &&
      flags[before.slice(2)]?.type === "string";
    if (isValue) joined[joined.length - 1] = `${before}=${arg}`;
    else joined.push(arg);
  }
  return joined;
}

/** The text of `npx doorstep <command> --help`. */
export function helpOf(command: Command): string {
  const flags = Object.entries<Flag>({ ...command.flags, ...COMMON_FLAGS });
  const rows = flags.map(([name, flag]) => {
    const value = flag.type === "string" ? ` ${flag.value ?? "<value>"}` : "";
    const otherwise = flag.default === undefined ? "" : ` (default ${flag.default})`;
    return [`${flag.short ? `-${flag.short}, ` : ""}--${name}${value}`, `${flag.about}${otherwise}`] as const;
  });
  const operands = command.operands.map((operand) => ` ${operand}`).join("");
  return [
    command.about,
    `Usage: npx doorstep ${command.name}${operands} [flags]`,
    columns(rows),
    ...(command.notes ? [command.notes] : []),
  ].join("\n\n");
}

/** Two columns of text, the second one aligned. */
export function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n");
}
