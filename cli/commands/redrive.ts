import { systemClock } from "../../base/clock.ts";
import { nearestNames } from "../nearest-names.ts";
import { REDRIVE_PATHS, type RedrivePath } from "../../schemas/failure-paths/failure-path.ts";
import { clientConfig, CLOUD_FLAGS, STACK_FLAG } from "../cloud.ts";
import { defineCommand, UsageError } from "../command.ts";
import type { Console } from "../console.ts";
import { openPaths } from "../../operator/redrive/paths.ts";
import {
  Tally,
  type Left,
  type PathReport,
  type Redrive,
  type RedriveOptions,
} from "../../operator/redrive/report.ts";
import { textTable } from "../table.ts";
import { counted, readTime, TIME_NOTE } from "../text.ts";

const FLAGS = {
  from: { type: "string", value: "<path>", about: "only this path; else every one but raw" },
  "dry-run": { type: "boolean", about: "count what waits and put nothing back" },
  again: { type: "boolean", about: "put back also what failed again after an earlier redrive" },
  since: { type: "string", value: "<time>", about: "with --from raw: backup objects named from then on" },
  until: { type: "string", value: "<time>", about: "with --from raw: up to then; else up to now" },
  ...STACK_FLAG,
  ...CLOUD_FLAGS,
} as const;

const NOTES = `Paths, in the order in which they are put back:

  stops             stops of processors that could not be carried out, into the stop queue
  wake-ups          wake-ups that could not be acted on, into the wake queue
  schedule          missed runs of the schedule; wakeSessions is run once for all
  session-ends      ends of sessions that closeSession did not get or could not record; it is invoked with each
  detections        detections that the topic could not give to their delivery stream
  sessions          ends of sessions, likewise
  detection-errors  records under errors/detection_records/ in the lake bucket, into the delivery stream
  session-errors    records under errors/session_records/, likewise
  raw               everything that the raw backup has of a time, into the delivery streams; needs --since

Twice does no harm: what is redriven keeps its ids, and is deleted or moved to errors/redriven/ only once it was taken.
What is left is named with its reason, exit code 1. docs/operations.md tells of every path.

${TIME_NOTE.replace(" All are producer times.", "")}

Needs cloudformation:DescribeStacks, and for its path: sqs:GetQueueAttributes, ReceiveMessage, DeleteMessage and
ChangeMessageVisibility on the dead-letter queue; sqs:SendMessage on the wake or the stop queue; lambda:InvokeFunction
on closeSession or wakeSessions; firehose:PutRecordBatch on the delivery streams; on the lake bucket s3:ListBucket,
s3:GetObject on errors/* and raw/*, s3:PutObject and s3:DeleteObject on errors/*.`;

/** More of what is left than anybody reads; --json has all. */
const MAX_LEFT_SHOWN = 10;

/** Something was not put back. */
class RedriveIncomplete extends Error {
  override readonly name = "RedriveIncomplete";
  readonly report: unknown;

  constructor(message: string, report: unknown) {
    super(message);
    this.report = report;
  }
}

export const redrive = defineCommand({
  name: "redrive",
  about: "Put back what could not be handed on, through the normal way",
  operands: [],
  flags: FLAGS,
  notes: NOTES,
  async run({ flags, console, signal }) {
    const path = readPath(flags.from);
    const range = readRange(path, flags, systemClock.now());
    const dryRun = flags["dry-run"];
    const open = await openPaths(flags.stack, clientConfig(flags));
    const reports: PathReport[] = [];
    try {
      const { raw, ...all } = { raw: range && open.raw(range), ...open.paths };
      const chosen: Partial<Record<RedrivePath, Redrive | undefined>> = path
        ? { [path]: path === "raw" ? raw : all[path] }
        : all;
      for (const name of REDRIVE_PATHS) {
        const run = chosen[name];
        if (!run || signal.aborted) continue;
        const progress = (done: number, waiting: number) =>
          console.progress(`${name}: ${done} of about ${waiting}`);
        reports.push(await runPath(name, run, { again: flags.again, dryRun, signal, progress }));
      }
    } finally {
      open.close();
    }
    say(console, reports, dryRun);
    const report = { stack: flags.stack, dryRun, paths: reports };
    const problem = problemOf(reports, signal, dryRun);
    if (problem !== undefined) throw new RedriveIncomplete(problem, report);
    console.result(report);
  },
});

/** @throws UsageError for a path that is none, with those that are like it */
function readPath(from: string | undefined): RedrivePath | undefined {
  const path = REDRIVE_PATHS.find((one) => one === from);
  if (from === undefined || path !== undefined) return path;
  const near = nearestNames(from, REDRIVE_PATHS);
  throw new UsageError(
    `--from is ${from}; ${near.length > 0 ? `did you mean ${near.join(" or ")}?` : `expected one of ${REDRIVE_PATHS.join(", ")}`}`,
  );
}

/** @throws UsageError for times that do not go with the path */
function readRange(
  path: RedrivePath | undefined,
  { since, until }: { since: string | undefined; until: string | undefined },
  nowMs: number,
): { sinceMs: number; untilMs: number } | undefined {
  if (path !== "raw") {
    if (since !== undefined || until !== undefined)
      throw new UsageError("--since and --until go with --from raw alone");
    return undefined;
  }
  if (since === undefined)
    throw new UsageError("--from raw needs --since, so that not the whole backup is put back");
  const sinceMs = readTime("--since", since, nowMs);
  const untilMs = until === undefined ? nowMs : readTime("--until", until, nowMs);
  if (sinceMs >= untilMs) throw new UsageError("--since must be before --until");
  return { sinceMs, untilMs };
}

/** One path's failure keeps no other from being put back. */
async function runPath(path: RedrivePath, run: Redrive, options: RedriveOptions): Promise<PathReport> {
  const tally = new Tally();
  let failure: string | undefined;
  try {
    await run(tally, options);
  } catch (error) {
    failure = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
  const { waiting, redriven, left } = tally;
  return { path, waiting, redriven, left, ...(failure !== undefined && { failure }) };
}

function say(console: Console, reports: readonly PathReport[], dryRun: boolean): void {
  const heads = dryRun ? ["path", " waiting"] : ["path", " waiting", " redriven", " left"];
  const rows = reports.map(({ path, waiting, redriven, left }) =>
    [path, waiting, redriven, left.length].map(String).slice(0, heads.length),
  );
  console.say(textTable(heads, rows));
  for (const { path, left, failure } of reports) {
    if (failure !== undefined) console.note(`${path}: ${failure}`);
    for (const { what, reason } of left.slice(0, MAX_LEFT_SHOWN))
      console.note(`${path}: left ${what}: ${reason}`);
    if (left.length > MAX_LEFT_SHOWN) console.note(`${path}: and ${left.length - MAX_LEFT_SHOWN} more left`);
  }
}

function problemOf(reports: readonly PathReport[], signal: AbortSignal, dryRun: boolean): string | undefined {
  if (signal.aborted) return "interrupted; what was put back is back, run it again for the rest";
  const failed = reports.filter(({ failure }) => failure !== undefined).map(({ path }) => path);
  if (failed.length > 0) return `${failed.join(", ")} failed; what was put back is back, run it again`;
  const left: Left[] = reports.flatMap((report) => report.left);
  return left.length === 0 || dryRun ? undefined : `${counted(left.length, "record")} left`;
}
