import { readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { DAY_MS, HOUR_MS } from "../../base/durations.ts";
import { lakeObjects } from "../../operator/lake-objects.ts";
import { stackOutputs } from "../../operator/stack.ts";
import { GENERATED_PREFIX } from "../../analysis/synthetic/camera.ts";
import type { HistoryOptions } from "../../analysis/synthetic/history.ts";
import { LAKE_BEGINS, LAKE_BEGINS_MS } from "../../schemas/tables/column.ts";
import { CLOUD_FLAGS, clientConfig, STACK_FLAG, type StackFlags } from "../cloud.ts";
import { defineCommand, UsageError } from "../command.ts";
import { GENERATED_OBJECT, GENERATED_TABLES } from "../generate/lake-files.ts";
import type { Target } from "../generate/target.ts";
import { writeHistory } from "../generate/write-history.ts";
import { readNumberFlag } from "../number.ts";
import { counted, iso, megabytes, readTime, TIME_NOTE } from "../text.ts";

const MAX_SEED = 2 ** 32 - 1;
/** Instead of a stack's outputs, if the target is a folder. */
const FOLDER_FLEET = { streamPrefix: "doorstep-dev-camera-", evidenceBucket: "no-such-evidence" } as const;

const FLAGS = {
  cameras: { type: "string", value: "<n>", default: "10", about: "number of cameras" },
  days: { type: "string", value: "<n>", default: "7", about: "number of days" },
  seed: {
    type: "string",
    value: "<n>",
    about: "the same seed and flags give the same data (default 1; with --clean: remove only this seed's)",
  },
  until: { type: "string", value: "<time>", about: "end of the last day; by default, the last full hour" },
  "detections-per-day": {
    type: "string",
    value: "<n>",
    default: "30",
    about: "detections per camera and day, on average",
  },
  faces: { type: "boolean", about: "also faces of synthetic persons, for the views of faces and visits" },
  out: { type: "string", value: "<folder>", about: "write to this folder instead of the stack's lake" },
  clean: { type: "boolean", about: "remove generated data instead of generating it" },
  ...STACK_FLAG,
  ...CLOUD_FLAGS,
} as const;

const NOTES = `Generates synthetic sessions, detections, gaps, late arrivals and a few duplicates, normalises them as the transform does, and
adds them to the lake's tables as Parquet files. Cameras are named ${GENERATED_PREFIX}<seed>-…, objects ${GENERATED_OBJECT}…, and
every notification has the tag generated: WHERE camera_id NOT LIKE '${GENERATED_PREFIX}%' excludes them. Generates no images, and
no decisions about alerts: the views alerts and alert_decisions have none of its cameras. With --faces, some of the people have
a face: of synthetic persons, whose ids begin with person-0000 and the seed and who are not enrolled, or unknown.
Days are UTC days, and none may be before the stack's lakeFirstDay, where queries begin.
${TIME_NOTE}
Needs the stack's outputs and s3:PutObject on the lake bucket; --clean also s3:ListBucket and s3:DeleteObject. Node 22.15.`;

export const generate = defineCommand({
  name: "generate",
  about: "Add synthetic history to the lake, for trying queries and reports",
  operands: [],
  flags: FLAGS,
  notes: NOTES,
  async run({ flags, console, signal, clock }) {
    const { options, isSeedGiven } = readOptions(flags, clock.now());
    const { target, where, firstDay, ...fleet } = await openFleet(flags);
    if (flags.clean) {
      const removed = await clean(target, isSeedGiven ? options.seed : undefined, signal);
      console.say(`Removed ${counted(removed, "generated object")} from ${where}`);
      console.result({ where, removed });
      return;
    }
    if (firstDay !== undefined) refuseEarlierDays(options.fromMs, firstDay);
    const history: HistoryOptions = { ...options, ...fleet, ...(flags.faces && { faces: true }) };
    const startedAtMs = clock.now();
    let rows = 0;
    const written = await writeHistory(history, target, {
      signal,
      onRows: (more) => {
        rows += more;
        console.progress(`${rows.toLocaleString("en")} rows`);
      },
    });
    const seconds = (clock.now() - startedAtMs) / 1000;
    const { detection_records: detections, session_records: sessions, face_records: faces } = written.rows;
    console.say(
      `${counted(history.cameras, "camera")}, ${iso(history.fromMs)} to ${iso(history.untilMs)}, seed ${history.seed}: ` +
        `${detections.toLocaleString("en")} rows of detections and ${sessions.toLocaleString("en")} of sessions` +
        (flags.faces ? `, ${faces.toLocaleString("en")} of faces` : ""),
    );
    console.say(
      `${counted(written.objects, "object")}, ${megabytes(written.bytes)}, into ${where} in ${seconds.toFixed(1)} s ` +
        `(${Math.round((detections + sessions + faces) / seconds).toLocaleString("en")} rows/s). --clean removes them.`,
    );
    const { objects, bytes, rows: rowsOf } = written;
    console.result({ where, ...history, objects, bytes, rows: rowsOf, seconds });
  },
});

type Given = Readonly<Record<"cameras" | "days" | "detections-per-day", string>> & {
  readonly seed: string | undefined;
  readonly until: string | undefined;
};

/** @throws UsageError that names the flag */
function readOptions(flags: Given, nowMs: number) {
  const cameras = readNumberFlag("--cameras", flags.cameras, { least: 1, most: 1_000_000 });
  const days = readNumberFlag("--days", flags.days, { least: 1, most: 3650 });
  const seed = readNumberFlag("--seed", flags.seed ?? "1", { least: 0, most: MAX_SEED });
  const detectionsPerDay = readNumberFlag("--detections-per-day", flags["detections-per-day"], {
    least: 0.1,
    most: 2000,
    fractions: true,
  });
  const untilMs =
    flags.until === undefined
      ? Math.floor(nowMs / HOUR_MS) * HOUR_MS
      : readTime("--until", flags.until, nowMs);
  const fromMs = untilMs - days * DAY_MS;
  if (untilMs > nowMs + DAY_MS)
    throw new UsageError(`--until is ${iso(untilMs)}; expected at most a day from now, where the lake ends`);
  if (fromMs < LAKE_BEGINS_MS)
    throw new UsageError(
      `the days begin at ${iso(fromMs)}; expected ${LAKE_BEGINS} at the earliest, where the lake begins`,
    );
  return {
    options: { cameras, seed, detectionsPerDay, fromMs, untilMs },
    isSeedGiven: flags.seed !== undefined,
  };
}

interface Where extends StackFlags {
  readonly out: string | undefined;
}

async function openFleet(flags: Where): Promise<
  Pick<HistoryOptions, "streamPrefix" | "evidenceBucket"> & {
    readonly target: Target;
    readonly where: string;
    /** `yyyy-MM-dd`; undefined for a folder. */
    readonly firstDay?: string;
  }
> {
  if (flags.out !== undefined) {
    if (flags.out === "") throw new UsageError("--out is empty; expected a folder");
    return { ...FOLDER_FLEET, target: { folder: flags.out }, where: flags.out };
  }
  const config = clientConfig(flags);
  const {
    LakeBucketName: bucket,
    CameraPrefix,
    EvidenceBucketName,
    LakeFirstDay: firstDay,
  } = await stackOutputs(flags.stack, config);
  return {
    streamPrefix: CameraPrefix,
    evidenceBucket: EvidenceBucketName,
    target: { bucket, config },
    where: `s3://${bucket}`,
    firstDay,
  };
}

/** @throws UsageError where the history begins before the lake's first day */
function refuseEarlierDays(fromMs: number, firstDay: string): void {
  if (fromMs >= Date.parse(firstDay)) return;
  throw new UsageError(
    `the days begin at ${iso(fromMs)}, before the lake's first day, ${firstDay}: no query would find their rows. ` +
      `Generate fewer days, or deploy with lakeFirstDay=${iso(fromMs).slice(0, 10)} first (docs/deploy.md)`,
  );
}

/** Removes the generated objects of every table, or only a seed's. @returns how many */
async function clean(target: Target, seed: number | undefined, signal: AbortSignal): Promise<number> {
  const begin = `${GENERATED_OBJECT}${seed === undefined ? "" : `${seed}-`}`;
  const isGenerated = (key: string) => basename(key).startsWith(begin) && key.endsWith(".parquet");
  let removed = 0;
  if ("bucket" in target) {
    const client = new S3Client(target.config);
    try {
      for (const table of Object.keys(GENERATED_TABLES))
        removed += await lakeObjects(target.bucket, client).remove(`${table}/`, isGenerated, signal);
    } finally {
      client.destroy();
    }
    return removed;
  }
  for (const table of Object.keys(GENERATED_TABLES)) {
    const folder = join(target.folder, table);
    const files = await readdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw error;
    });
    for (const file of files.filter(isGenerated)) {
      signal.throwIfAborted();
      await rm(join(folder, file));
      removed++;
    }
  }
  return removed;
}
