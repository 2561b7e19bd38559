import { writeFile } from "node:fs/promises";
import { AthenaClient } from "@aws-sdk/client-athena";
import { S3Client } from "@aws-sdk/client-s3";
import { errorMessage } from "../../base/errors.ts";
import { GENERATED_PREFIX } from "../../analysis/synthetic/camera.ts";
import { analysisCostUsd } from "../../analysis/cost.ts";
import { stackOutputs } from "../../operator/stack.ts";
import { binUnitOf } from "../../analysis/profile/bins.ts";
import { profileOf, type Profile } from "../../analysis/profile/profile.ts";
import { evidenceSql, MAX_PROFILED_CAMERAS, type QueryScope } from "../../report/queries.ts";
import type { LakeExtent } from "../../report/page.ts";
import { count, counted, dollars, minutes, size } from "../../report/units.ts";
import { adviceOf } from "../../report/words.ts";
import { ENGINES, type EngineName } from "../../schemas/engine.ts";
import type { Prices } from "../../schemas/prices.ts";
import { readEngine } from "../../schemas/values.ts";
import { CLOUD_FLAGS, clientConfig, STACK_FLAG } from "../cloud.ts";
import { defineCommand, UsageError } from "../command.ts";
import { queryLake, Lake } from "../report/query-lake.ts";
import { drawingDocument, requireDrawing } from "../report/drawing-document.ts";
import { evidenceOf, fetchEvidence } from "../report/fetch-evidence.ts";
import { iso, readTime, TIME_NOTE } from "../text.ts";
import { readPrices } from "./cost.ts";

/** Frames in the page. */
const MAX_EVIDENCE = 12;
const MAX_CAMERAS = 100;

const FLAGS = {
  from: { type: "string", value: "<time>", default: "30d", about: "start of the period" },
  to: { type: "string", value: "<time>", default: "now", about: "end of the period" },
  cameras: { type: "string", value: "<id,id>", about: `only these cameras, at most ${MAX_CAMERAS}` },
  synthetic: {
    type: "boolean",
    about: "report on what doorstep generate wrote, and nothing else; by default it is left out",
  },
  output: { type: "string", short: "o", value: "<file.html>", about: "file to write the page to" },
  engine: {
    type: "string",
    value: ENGINES.join("|"),
    about: "engine whose price all sessions cost; by default each costs that of its own",
  },
  prices: { type: "string", value: "<file.json>", about: "prices that replace list prices" },
  ...STACK_FLAG,
  ...CLOUD_FLAGS,
} as const;

const NOTES = `Writes one page that needs no network: sessions, detections and their times, a simulation of every MaxDuration from 1 to
120 s with every MinConfidence, coverage, each of the ${MAX_PROFILED_CAMERAS} busiest cameras, evidence, and recommended settings. --json prints the
numbers, with or without -o.
Sessions of the engine frames cost by their samples, and detect at the times of their samples. In a simulation, and for another
engine's sessions with --engine frames, samples are counted by that engine's rule, at most 5 s apart.
${TIME_NOTE}
Needs the stack's outputs, athena:StartQueryExecution, GetQueryExecution and StopQueryExecution in its workgroup, glue:GetTable,
GetDatabase and GetPartitions, S3 reads of the lake and writes to its athena/ prefix, and s3:GetObject on the evidence.`;

export const report = defineCommand({
  name: "report",
  about: "Write a page of detections, cost and coverage, with recommended MaxDuration and MinConfidence",
  operands: [],
  flags: FLAGS,
  notes: NOTES,
  async run({ flags, console, signal, clock }) {
    const { output, json } = flags as typeof flags & { readonly json: boolean };
    if (output === undefined && !json) throw new UsageError("no output: expected -o report.html or --json");
    const nowMs = clock.now();
    const range = { fromMs: readTime("--from", flags.from, nowMs), toMs: readTime("--to", flags.to, nowMs) };
    if (range.fromMs >= range.toMs) throw new UsageError("--from must be before --to");
    if (output !== undefined) requireDrawing();
    const engine = engineOf(flags.engine);
    const prices = await readPrices(flags.prices);
    const { synthetic } = flags;
    const cameraIds = readCameras(flags.cameras, synthetic);
    const scope: QueryScope = { range, binUnit: binUnitOf(range), cameraIds, synthetic };
    const config = clientConfig(flags);
    const stack = await stackOutputs(flags.stack, config);
    const [athena, s3] = [new AthenaClient(config), new S3Client(config)];
    try {
      const lake = new Lake(
        { client: athena, s3, workGroup: stack.WorkGroupName, database: stack.DatabaseName },
        { signal, clock, onProgress: (text) => console.progress(text) },
      );
      // Loading the chart library takes a second, during which the first queries run.
      const [page, { rows, sql }] = await Promise.all([
        output === undefined ? undefined : loadPage(output),
        queryLake(lake, scope),
      ]);
      const profile = profileOf(rows, {
        ...scope,
        costUsdOf: (ran, analysed) => analysisCostUsd(engine ?? ran, analysed, prices),
      });
      const about = { profile, createdAtMs: nowMs, stackName: flags.stack, isSynthetic: synthetic };
      const isEmpty = profile.bins.length === 0;
      const extent = isEmpty ? await lake.extent(scope) : undefined;
      if (page && isEmpty)
        await writePage(
          page.file,
          page.renderEmptyReport({ ...about, scannedBytes: lake.scannedBytes }, extent),
        );
      else if (page) {
        const evidence = evidenceSql(scope, binsWithDetections(profile), MAX_EVIDENCE);
        const found = evidenceOf(await lake.query("evidence", evidence));
        console.progress("fetching evidence");
        const html = page.renderReport({
          ...about,
          document: page.document,
          sql: { ...sql, evidence },
          evidence: await fetchEvidence(found, s3, signal),
          pricing: pricingOf(engine, prices),
          scannedBytes: lake.scannedBytes,
        });
        await writePage(page.file, html);
      }
      for (const line of isEmpty ? emptyLines(extent, synthetic) : summaryLines(profile, synthetic))
        console.say(line);
      if (output !== undefined) console.say(`Wrote ${output}`);
      console.result({
        ...profile,
        synthetic,
        engine: engine ?? null,
        pricesAsOf: prices.asOf,
        scannedBytes: lake.scannedBytes,
        advice: isEmpty ? null : adviceOf(profile, synthetic),
        ...(isEmpty && { lakeExtent: extent ?? null }),
        ...(output !== undefined && { output }),
      });
      if (lake.scannedBytes > 0) console.note(`Athena scanned ${size(lake.scannedBytes)}`);
    } finally {
      athena.destroy();
      s3.destroy();
    }
  },
});

/** Loaded only if a page is written. */
async function loadPage(file: string) {
  const document = await drawingDocument();
  const { renderEmptyReport, renderReport } = await import("../../report/page.ts");
  return { file, document, renderEmptyReport, renderReport };
}

const pricingOf = (engine: EngineName | undefined, { region, asOf }: Prices): string =>
  `${engine === undefined ? "each session with its engine" : `all sessions as with ${engine}`}, prices of ${region} as of ${asOf}`;

const binsWithDetections = ({ activity }: Profile): string[] =>
  activity.filter(({ detections }) => detections > 0).map(({ bin }) => bin);

async function writePage(file: string, page: string): Promise<void> {
  try {
    await writeFile(file, page);
  } catch (error) {
    const reason = errorMessage(error);
    throw new Error(`-o ${file} cannot be written: ${reason}`, { cause: error });
  }
}

function summaryLines(profile: Profile, isSynthetic: boolean): string[] {
  const { summary, range } = profile;
  const { headline, reasons } = adviceOf(profile, isSynthetic);
  return [
    ...(isSynthetic ? ["Synthetic data: generated, never seen by a camera"] : []),
    `${iso(range.fromMs)} to ${iso(range.toMs)}: ${counted(summary.cameras, "camera")}, ${counted(summary.sessions, "session")} (${count(summary.silentSessions)} without detections), ` +
      `${counted(summary.detections, "detection")}, ${minutes(summary.analysedMs)} analysed for ${dollars(summary.costUsd)}`,
    `Recommendation: ${headline}. ${reasons[0]}`,
  ]; // prettier-ignore
}

const emptyLines = (extent: LakeExtent | undefined, isSynthetic: boolean): string[] => [
  extent?.isOther
    ? `${isSynthetic ? "The lake has no synthetic data; it has other data" : "The lake has only synthetic data (--synthetic)"} from ${extent.firstDay} to ${extent.lastDay}`
    : extent
      ? `No data in this period; the lake has data from ${extent.firstDay} to ${extent.lastDay}`
      : "The lake is empty: no session has ended and nothing has been detected yet",
];

function engineOf(text: string | undefined): EngineName | undefined {
  if (text === undefined) return undefined;
  const engine = readEngine(text);
  if (!engine) throw new UsageError(`--engine is ${text}; expected ${ENGINES.join(" or ")}`);
  return engine;
}

function readCameras(text: string | undefined, synthetic: boolean): string[] {
  if (text === undefined) return [];
  const ids = [...new Set(text.split(",").map((id) => id.trim()))];
  if (ids.some((id) => id === "")) throw new UsageError("--cameras has an empty id; expected id,id");
  if (ids.length > MAX_CAMERAS)
    throw new UsageError(`--cameras names ${ids.length} cameras; expected at most ${MAX_CAMERAS}`);
  const other = ids.find((id) => id.startsWith(GENERATED_PREFIX) !== synthetic);
  if (other !== undefined)
    throw new UsageError(
      synthetic
        ? `--cameras names ${other}, which is not synthetic`
        : `${other} is synthetic; add --synthetic`,
    );
  return ids;
}
