// Trino, the engine that Athena is made from, against the local Athena: `npm run test:trino`. Both read the same local
// Glue and S3. Needs Java 17 and Maven (Debian: openjdk-17-jdk-headless, maven), so it is no part of `npm test`.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { systemClock } from "../../base/clock.ts";
import { forEachConcurrently } from "../../base/concurrency.ts";
import { errorMessage } from "../../base/errors.ts";
import { difference } from "./compare.ts";
import { queryTrino } from "./client.ts";
import { startLake, type Lake } from "./lake.ts";
import { fetchParts } from "./parts.ts";
import { startTrino } from "./server.ts";
import { allStatements, type Statement } from "./statements.ts";

/** Most of the time passes in requests for the objects of empty hours. */
const CONCURRENCY = 3;
const PROGRESS_EVERY = 50;

const HELP = `Runs the same statements in Trino and in the local Athena, over the same Glue tables, views and files, and compares the
outcomes.

Usage: npm run test:trino [-- flags] [subject …]

  subject       only statements whose name begins so, e.g. joins, "joins 3", saved
  --json        the outcome as JSON, for programs
  --keep        leave both engines running until Ctrl-C, and print their addresses
  --help

Statements stand in test/trino/statements, by subject; the saved queries are in resources/queries. Trino's parts come from
Maven once, into DOORSTEP_TRINO_PARTS, by default a folder in the user's cache.
Exit codes: 0 no difference but the stated ones, 1 another one, 2 wrong use.`;

// The file is JavaScript for the deployment's sake, so it is imported as that does it, without types.
const packFile: string = "../../resources/queries.js";

const { flags, subjects } = readArguments();
if (flags.help) {
  console.log(HELP);
  process.exit(0);
}

const say = (text: string): void => console.error(text);
const startedAtMs = systemClock.now();
const folder = mkdtempSync(join(tmpdir(), "doorstep-trino-"));
let succeeded = false;
try {
  succeeded = await main();
} catch (error) {
  say(errorMessage(error));
} finally {
  if (succeeded) rmSync(folder, { recursive: true });
}
process.exit(succeeded ? 0 : 1);

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        json: { type: "boolean", default: false },
        keep: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    return { flags: values, subjects: positionals };
  } catch (error) {
    console.error(`${errorMessage(error)}\n\n${HELP}`);
    process.exit(2);
  }
}

interface Comparison extends Statement {
  /** How the local outcome differs; undefined if it does not. */
  readonly difference: string | undefined;
  readonly isUnexpected: boolean;
  readonly tookMs: number;
}

/** Runs a statement in both engines; a difference that is not stated, or no longer there, is printed. */
async function compare(statement: Statement, lake: Lake, trinoAddress: string): Promise<Comparison> {
  const { name, sql, differs } = statement;
  const startedMs = systemClock.now();
  const [local, trino] = await Promise.all([lake.query(sql), queryTrino(trinoAddress, lake.database, sql)]);
  const found = difference(sql, local, trino);
  const isUnexpected = (found === undefined) !== (differs === undefined);
  if (isUnexpected)
    say(`${name}: ${found ?? `no longer differs as ${differs} states`}\n  ${sql.replaceAll("\n", "\n  ")}`);
  return { ...statement, difference: found, isUnexpected, tookMs: systemClock.now() - startedMs };
}

async function main(): Promise<boolean> {
  const parts = await fetchParts(say);
  const lake = await startLake(say);
  try {
    say("Starting Trino");
    const trino = await startTrino({ parts, folder, endpoint: lake.endpoint });
    try {
      const { pack } = (await import(packFile)) as { pack: readonly { name: string; sql: string }[] };
      const saved = pack.map(({ name, sql }): Statement => ({
        name: `saved ${name}`,
        sql,
        differs: undefined,
      }));
      const statements = [...saved, ...allStatements(lake.days)].filter(
        ({ name }) => subjects.length === 0 || subjects.some((subject) => name.startsWith(subject)),
      );
      const outcomes: Comparison[] = [];
      await forEachConcurrently(statements, { limit: CONCURRENCY }, async (statement) => {
        outcomes.push(await compare(statement, lake, trino.address));
        if (outcomes.length % PROGRESS_EVERY === 0)
          say(`${outcomes.length} of ${statements.length} statements`);
      });
      const unexpected = outcomes.filter(({ isUnexpected }) => isUnexpected).length;
      const stated = outcomes.filter((one) => one.differs !== undefined).length;
      if (flags.json) console.log(JSON.stringify({ statements: outcomes, unexpected }));
      const seconds = Math.round((systemClock.now() - startedAtMs) / 1000);
      say(
        `${outcomes.length} statements in ${seconds} s: ${outcomes.length - unexpected} as expected, ` +
          `${stated} of them by a stated difference; ${unexpected} not`,
      );
      if (flags.keep) {
        say(
          `Trino at ${trino.address}, schema ${lake.database}; the cloud at ${lake.endpoint}. Ctrl-C stops both.`,
        );
        await new Promise((resolve) => process.once("SIGINT", resolve));
      }
      return unexpected === 0 && outcomes.length > 0;
    } finally {
      await trino.stop();
    }
  } finally {
    await lake.stop();
  }
}
