import { readFileSync } from "node:fs";
import { systemClock, type Clock } from "../base/clock.ts";
import * as v from "valibot";
import { asError } from "../base/errors.ts";
import { explainIssue } from "../schemas/reason.ts";
import { columns, helpOf, parseCommandLine, UsageError, type Command } from "./command.ts";
import { commands } from "./commands/index.ts";
import { Console, type InputStream, type TextStream } from "./console.ts";

/** The process that a command line runs in. */
export interface ProcessIO {
  readonly stdout: TextStream;
  readonly stderr: TextStream;
  /** Where a person answers questions; without it, nothing is asked. */
  readonly stdin?: InputStream;
  readonly signal: AbortSignal;
  /** By default the machine's. */
  readonly clock?: Clock;
}

const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

const listOf = (some: readonly Command[]): string => columns(some.map(({ name, about }) => [name, about]));

const overview = (): string => `Doorstep: from camera motion to SQL.

Usage: npx doorstep <command> [flags]

${listOf(commands)}

  npx doorstep <command> --help   operands and flags of a command
  npx doorstep --version

Commands call AWS with the SDK's default credentials and Region, or the endpoint in AWS_ENDPOINT_URL; with --local, they
call the local cloud that npm start runs.
Exit codes: 0 success, 1 failure, 2 wrong arguments.`;

/** Runs one `doorstep` command line and returns its exit code; never throws. */
export async function run(args: readonly string[], io: ProcessIO): Promise<number> {
  const [name] = args;
  if (name === "--help" || name === "help") return print(io.stdout, overview());
  if (name === "--version") return print(io.stdout, version());
  const command = commands.find((one) => isNamedBy(one.name, args));
  if (command) return runCommand(command, args.slice(wordsOf(command.name).length), io);
  return showGroup(args, io);
}

const wordsOf = (name: string): string[] => name.split(" ");

const isNamedBy = (name: string, args: readonly string[]): boolean =>
  wordsOf(name).every((word, index) => args[index] === word);

/** Lists the commands whose names begin with the longest part of the arguments that any name begins with. */
function showGroup(args: readonly string[], io: ProcessIO): number {
  let words = 0;
  let group = commands;
  while (words < args.length) {
    const prefix = `${args.slice(0, words + 1).join(" ")} `;
    const longer = group.filter((one) => one.name.startsWith(prefix));
    if (longer.length === 0) break;
    group = longer;
    words++;
  }
  const list =
    words === 0
      ? overview()
      : `${listOf(group)}\n\n  npx doorstep <command> --help   operands and flags of a command`;
  const next = args[words];
  if (next === "--help" || next === "help") return print(io.stdout, list);
  const problem =
    next === undefined ? "" : `doorstep: there is no command ${args.slice(0, words + 1).join(" ")}\n\n`;
  print(io.stderr, problem + list);
  return EXIT.usage;
}

async function runCommand(command: Command, args: readonly string[], io: ProcessIO): Promise<number> {
  const { stdout, stderr, stdin, signal, clock = systemClock } = io;
  const console = new Console(stdout, stderr, args.includes("--json"), stdin);
  try {
    const { flags, operands } = parseCommandLine(command, args);
    if (flags.help) return print(stdout, helpOf(command));
    await command.run({ flags: flags as never, operands, console, signal, clock });
    return EXIT.ok;
  } catch (error) {
    const { name } = asError(error);
    const message = messageOf(error);
    const isUsage = error instanceof UsageError;
    console.note(`doorstep ${command.name}: ${message}${isUsage ? hint(command) : ""}`);
    console.result({ error: { name, message, ...detailsOf(error) } });
    return isUsage ? EXIT.usage : EXIT.failed;
  }
}

/** An error's message; data that does not fit its schema is explained in words. */
const messageOf = (error: unknown): string =>
  v.isValiError(error)
    ? `stored or received data is invalid: ${explainIssue(error.issues[0], { subject: "it" })}`
    : asError(error).message;

/** What an error has beside its name and message: its `code`, and the `summary` of what was done. */
function detailsOf(error: unknown): object {
  const { code, summary } = error as { code?: unknown; summary?: unknown };
  return { ...(typeof code === "string" && { code }), ...(summary !== undefined && { summary }) };
}

const hint = ({ name }: Command): string => `\nSee npx doorstep ${name} --help`;

function version(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

function print(stream: TextStream, text: string): number {
  stream.write(`${text}\n`);
  return EXIT.ok;
}
