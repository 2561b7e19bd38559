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
  const [name, ...rest] = args;
  if (name === "--help" || name === "help") return print(io.stdout, overview());
  if (name === "--version") return print(io.stdout, version());
  const command = commands.find((one) => one.name === name);
  if (command) return runCommand(command, rest, io);
  const group = commands.filter((one) => one.name.startsWith(`${name} `));
  if (group.length > 0) return runOf(group, name!, rest, io);
  const problem = name === undefined ? "" : `doorstep: there is no command ${name}\n\n`;
  print(io.stderr, problem + overview());
  return EXIT.usage;
}

/** Runs a command whose name has two words. */
async function runOf(
  group: readonly Command[],
  name: string,
  [verb, ...rest]: readonly string[],
  io: ProcessIO,
): Promise<number> {
  const command = group.find((one) => one.name === `${name} ${verb}`);
  if (command) return runCommand(command, rest, io);
  const list = `${listOf(group)}\n\n  npx doorstep <command> --help   operands and flags of a command`;
  if (verb === "--help" || verb === "help") return print(io.stdout, list);
  const problem = verb === undefined ? "" : `doorstep: there is no command ${name} ${verb}\n\n`;
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
