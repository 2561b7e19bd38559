import { nearestNames } from "../nearest-names.ts";
import { REDRIVE_PATHS, type RedrivePath } from "../../schemas/failure-paths/failure-path.ts";
import { describeError } from "../../operator/aws-errors.ts";
import { clientConfig, CLOUD_FLAGS, STACK_FLAG } from "../cloud.ts";
import { defineCommand, UsageError } from "../command.ts";
import type { Console } from "../console.ts";
import { openPaths } from "../../operator/redrive/paths.ts";
import { Tally, type PathSummary, type Redrive, type RedriveOptions } from "../../operator/redrive/tally.ts";
import { textTable } from "../table.ts";
import { counted, readTime, TIME_NOTE } from "../text.ts";

const FLAGS = {
  from: { type: "string", value: "<path>", about: "put back only this path; by default all but raw" },
  "dry-run": { type: "boolean", about: "count what waits, and put nothing back" },
  again: { type: "boolean", about: "also put back what failed again after an earlier redrive" },
  since: {
    type: "string",
    value: "<time>",
    about: "with --from raw: start of the interval of backup objects",
  },
  until: { type: "string", value: "<time>", about: "with --from raw: end of the interval; by default now" },
  ...STACK_FLAG,
  ...CLOUD_FLAGS,
} as const;

const NOTES = `Paths, in the order in which they are put back:

  stops             failed stops of processors, into the stop queue
  wake-ups          failed wake-ups, into the wake queue
  samples           failed steps of sessions of the engine frames, into the sample queue
  face-checks       failed checks of sessions of the engine face-search, into the face check queue
  faces             images whose faces searchFaces could not search, into the face queue
  face-records      what recordFaces could not read or record; it is invoked with the records, which are read from the
                    camera's data stream again where the queue only names them, as long as the stream keeps them (24 h)
  schedule          missed runs of the schedule; wakeSessions is invoked once for all
  session-ends      completion notifications that closeSession did not get or could not record; it is invoked with each
  alerts            what raiseAlerts did not get or could not handle, into the alert queue
  alert-deliveries  messages that targets of alerts did not accept within a day, into the alert delivery queue; they are
                    tried for a day again
  detections        notifications of detections that the topic could not deliver, into the delivery stream
  sessions          completion notifications that the topic could not deliver, into the delivery stream
  detection-errors  records under errors/detection_records/ in the lake bucket, into the delivery stream; completion
                    notifications of an unusual form into that of sessions, and closeSession is invoked
  session-errors    records under errors/session_records/ in the lake bucket, into the delivery stream
  alert-errors      decisions about alerts under errors/alert_records/ in the lake bucket, into the delivery stream
  face-errors       faces under errors/face_records/ in the lake bucket, into the delivery stream
  sweeps            missed daily runs of sweepFaces, which is invoked once for all
  raw               everything in the raw backup of an interval, into the delivery streams; needs --since

Running it twice does no harm: records keep their ids, and are deleted or moved to errors/redriven/ only when they were
accepted. What the transform could not read stays once it has failed again, and goes back by itself after an update that
reads it. What is left is listed with its reason, and the exit code is 1. docs/operations.md describes every path.

${TIME_NOTE.replace(" All are producer times.", "")}

Needs cloudformation:DescribeStacks, and for its path: sqs:GetQueueAttributes, ReceiveMessage, DeleteMessage and
ChangeMessageVisibility on the dead-letter queue; sqs:SendMessage on the queue that it fills; lambda:InvokeFunction on
closeSession, wakeSessions, recordFaces or sweepFaces; kinesis:GetShardIterator and kinesis:GetRecords on the cameras' data
streams; firehose:PutRecordBatch on the delivery streams; on the lake bucket s3:ListBucket, s3:GetObject on errors/* and raw/*,
s3:PutObject and s3:DeleteObject on errors/*.`;

/** How many of the records that are left are printed; --json has all. */
const MAX_LEFT_SHOWN = 10;

/** Some records were not put back. */
class RedriveIncomplete extends Error {
  override readonly name = "RedriveIncomplete";
  readonly summary: unknown;

  constructor(message: string, summary: unknown) {
    super(message);
    this.summary = summary;
  }
}

export const redrive = defineCommand({
  name: "redrive",
  about: "Put back what could not be delivered or processed",
  operands: [],
  flags: FLAGS,
  notes: NOTES,
  async run({ flags, console, signal, clock }) {
    const path = readPath(flags.from);
    const range = readRange(path, flags, clock.now());
    const dryRun = flags["dry-run"];
    const open = await openPaths(flags.stack, clientConfig(flags), clock);
    const summaries: PathSummary[] = [];
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
        summaries.push(await runPath(name, run, { again: flags.again, dryRun, signal, progress }));
      }
    } finally {
      open.close();
    }
    print(console, summaries, dryRun);
    const summary = { stack: flags.stack, dryRun, paths: summaries };
    const problem = problemOf(summaries, signal, dryRun);
    if (problem !== undefined) throw new RedriveIncomplete(problem, summary);
    console.result(summary);
  },
});

/** @throws UsageError for an unknown path, with the names nearest to it */
function readPath(from: string | undefined): RedrivePath | undefined {
  const path = REDRIVE_PATHS.find((one) => one === from);
  if (from === undefined || path !== undefined) return path;
  const near = nearestNames(from, REDRIVE_PATHS);
  throw new UsageError(
    `--from is ${from}; ${near.length > 0 ? `did you mean ${near.join(" or ")}?` : `expected one of ${REDRIVE_PATHS.join(", ")}`}`,
  );
}

/** @throws UsageError when the times do not fit the path */
function readRange(
  path: RedrivePath | undefined,
  { since, until }: { since: string | undefined; until: string | undefined },
  nowMs: number,
): { sinceMs: number; untilMs: number } | undefined {
  if (path !== "raw") {
    if (since !== undefined || until !== undefined)
      throw new UsageError("--since and --until need --from raw");
    return undefined;
  }
  if (since === undefined) throw new UsageError("--from raw needs --since");
  const sinceMs = readTime("--since", since, nowMs);
  const untilMs = until === undefined ? nowMs : readTime("--until", until, nowMs);
  if (sinceMs >= untilMs) throw new UsageError("--since must be before --until");
  return { sinceMs, untilMs };
}

/** A path that fails does not keep the others from being put back. */
async function runPath(path: RedrivePath, run: Redrive, options: RedriveOptions): Promise<PathSummary> {
  const tally = new Tally();
  let failure: string | undefined;
  try {
    await run(tally, options);
  } catch (error) {
    failure = describeError(error);
  }
  const { waiting, redriven, left } = tally;
  return { path, waiting, redriven, left, ...(failure !== undefined && { failure }) };
}

function print(console: Console, summaries: readonly PathSummary[], dryRun: boolean): void {
  const heads = dryRun ? ["path", " waiting"] : ["path", " waiting", " redriven", " left"];
  const rows = summaries.map(({ path, waiting, redriven, left }) =>
    [path, waiting, redriven, left.length].map(String).slice(0, heads.length),
  );
  console.say(textTable(heads, rows));
  for (const { path, left, failure } of summaries) {
    if (failure !== undefined) console.note(`${path}: ${failure}`);
    for (const { what, reason } of left.slice(0, MAX_LEFT_SHOWN))
      console.note(`${path}: left ${what}: ${reason}`);
    if (left.length > MAX_LEFT_SHOWN) console.note(`${path}: and ${left.length - MAX_LEFT_SHOWN} more left`);
  }
}

function problemOf(
  summaries: readonly PathSummary[],
  signal: AbortSignal,
  dryRun: boolean,
): string | undefined {
  if (signal.aborted) return "interrupted; run it again for the rest";
  const failed = summaries.filter(({ failure }) => failure !== undefined).map(({ path }) => path);
  if (failed.length > 0) return `${failed.join(", ")} failed; run it again for the rest`;
  const left = summaries.flatMap((summary) => summary.left);
  return left.length === 0 || dryRun ? undefined : `${counted(left.length, "record")} left`;
}
