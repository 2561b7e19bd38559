import { readFileSync } from "node:fs";
import { asError } from "../base/errors.ts";
import { columns, helpOf, parseCommandLine, UsageError, type Command } from "./command.ts";
import { commands } from "./commands/index.ts";
import { Console, type AnswerStream, type TextStream } from "./console.ts";

/** The process around the command line. */
export interface Surroundings {
  readonly stdout: TextStream;
  readonly stderr: TextStream;
  /** Where a person may be asked; nobody is where it is left out. */
  readonly stdin?: AnswerStream;
  readonly signal: AbortSignal;
}

export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

const listOf = (some: readonly Command[]): string => columns(some.map(({ name, about }) => [name, about]));

const overview = (): string => `Doorstep: from camera motion to SQL.

Usage: doorstep <command> [flags]

${listOf(commands)}

  doorstep <command> --help   what a command takes
  doorstep --version

Commands reach AWS with the SDK's default credentials and Region; with AWS_ENDPOINT_URL set, the cloud there.
Exit codes: 0 done, 1 failed, 2 wrong use.`;

/** Runs one `doorstep` command line and returns its exit code; never throws. */
export async function run(args: readonly string[], around: Surroundings): Promise<number> {
  const [name, ...rest] = args;
  if (name === "--help" || name === "help") return print(around.stdout, overview());
  if (name === "--version") return print(around.stdout, version());
  const command = commands.find((one) => one.name === name);
  if (command) return runCommand(command, rest, around);
  const group = commands.filter((one) => one.name.startsWith(`${name} `));
  if (group.length > 0) return runOf(group, name!, rest, around);
  const problem = name === undefined ? "" : `doorstep: there is no command ${name}\n\n`;
  print(around.stderr, problem + overview());
  return EXIT.usage;
}

/** Runs a command whose name has two words. */
async function runOf(
  group: readonly Command[],
  name: string,
  [verb, ...rest]: readonly string[],
  around: Surroundings,
): Promise<number> {
  const command = group.find((one) => one.name === `${name} ${verb}`);
  if (command) return runCommand(command, rest, around);
  const list = `${listOf(group)}\n\n  doorstep <command> --help   what a command takes`;
  if (verb === "--help" || verb === "help") return print(around.stdout, list);
  const problem = verb === undefined ? "" : `doorstep: there is no command ${name} ${verb}\n\n`;
  print(around.stderr, problem + list);
  return EXIT.usage;
}

async function runCommand(command: Command, args: readonly string[], around: Surroundings): Promise<number> {
  const { stdout, stderr, stdin, signal } = around;
  const console = new Console(stdout, stderr, args.includes("--json"), stdin);
  try {
    const { flags, operands } = parseCommandLine(command, args);
    if (flags.help) return print(stdout, helpOf(command));
    await command.run({ flags: flags as never, operands, console, signal });
    return EXIT.ok;
  } catch (error) {
    const { name, message } = asError(error);
    const isUsage = error instanceof UsageError;
    console.note(`doorstep ${command.name}: ${message}${isUsage ? hint(command) : ""}`);
    console.result({ error: { name, message, ...detailsOf(error) } });
    return isUsage ? EXIT.usage : EXIT.failed;
  }
}

/** What an error says for machines beside its name and message: its `code`, and the `report` of what was done. */
function detailsOf(error: unknown): object {
  const { code, report } = error as { code?: unknown; report?: unknown };
  return { ...(typeof code === "string" && { code }), ...(report !== undefined && { report }) };
}

const hint = ({ name }: Command): string => `\nSee doorstep ${name} --help`;

const version = (): string =>
  (
    JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
      version: string;
    }
  ).version;

function print(stream: TextStream, text: string): number {
  stream.write(`${text}\n`);
  return EXIT.ok;
}
