import { writeFile } from "node:fs/promises";
import { AthenaClient } from "@aws-sdk/client-athena";
import { S3Client } from "@aws-sdk/client-s3";
import { systemClock } from "../../base/clock.ts";
import { errorMessage } from "../../base/errors.ts";
import { analysisCostUsd, ENGINES, type Engine } from "../../analysis/cost.ts";
import { listPrices, withOverrides } from "../../analysis/prices.ts";
import { binUnitOf } from "../../analysis/profile/bins.ts";
import { profileOf, type Profile } from "../../analysis/profile/profile.ts";
import { evidenceSql, MAX_PROFILED_CAMERAS, type Asked } from "../../report/questions.ts";
import { count, counted, dollars, megabytes, minutes } from "../../report/units.ts";
import { adviceOf } from "../../report/words.ts";
import type { Prices } from "../../schemas/prices.ts";
import { CLOUD_FLAGS, clientConfig, findStack, STACK_FLAG } from "../cloud.ts";
import { defineCommand, UsageError } from "../command.ts";
import { askLake, Lake } from "../report/ask-lake.ts";
import { drawingDocument, requireDrawing } from "../report/drawing-document.ts";
import { evidenceOf, fetchEvidence } from "../report/fetch-evidence.ts";
import { iso, readTime, TIME_NOTE } from "../text.ts";
import { readPrices } from "./cost.ts";

/** Frames in the page. */
const MAX_EVIDENCE = 12;
const MAX_CAMERAS = 100;

const FLAGS = {
  from: { type: "string", value: "<time>", default: "30d", about: "look from then on" },
  to: { type: "string", value: "<time>", default: "now", about: "look up to then" },
  cameras: { type: "string", value: "<id,id>", about: `these cameras, at most ${MAX_CAMERAS}; else all` },
  output: { type: "string", short: "o", value: "<file.html>", about: "write the page there" },
  engine: {
    type: "string",
    value: ENGINES.join("|"),
    default: "stream-processor",
    about: "whose price the analysis has",
  },
  prices: { type: "string", value: "<file.json>", about: "prices that replace the list's" },
  ...STACK_FLAG,
  ...CLOUD_FLAGS,
} as const;

const NOTES = `One page that needs no network: sessions, detections and their times, every MaxDuration from 1 to 120 s with every
MinConfidence as they would have been, coverage, each of the ${MAX_PROFILED_CAMERAS} busiest cameras, evidence, and what to set. --json gives the numbers,
with or without -o.
${TIME_NOTE}
Needs the stack's outputs, athena:StartQueryExecution, GetQueryExecution and GetQueryResults in its workgroup, glue:GetTable, GetDatabase
and GetPartitions, S3 reads of the lake and writes to its athena/ prefix, and s3:GetObject on the evidence.`;

export const report = defineCommand({
  name: "report",
  about: "Make a page of what the cameras saw, what it cost, and which MaxDuration and MinConfidence to set",
  operands: [],
  flags: FLAGS,
  notes: NOTES,
  async run({ flags, console, signal }) {
    const { output, json } = flags as typeof flags & { readonly json: boolean };
    if (output === undefined && !json)
      throw new UsageError("nothing to make: expected -o report.html or --json");
    const nowMs = systemClock.now();
    const range = { fromMs: readTime("--from", flags.from, nowMs), toMs: readTime("--to", flags.to, nowMs) };
    if (range.fromMs >= range.toMs) throw new UsageError("--from must be before --to");
    if (output !== undefined) requireDrawing();
    const engine = readEngine(flags.engine);
    const prices =
      flags.prices === undefined ? listPrices : withOverrides(listPrices, await readPrices(flags.prices));
    const asked: Asked = { range, binUnit: binUnitOf(range), cameraIds: readCameras(flags.cameras) };
    const config = clientConfig(flags);
    const stack = await findStack(flags.stack, config);
    const [athena, s3] = [new AthenaClient(config), new S3Client(config)];
    try {
      const lake = new Lake(
        { client: athena, workGroup: stack.WorkGroupName, database: stack.DatabaseName },
        (text) => console.progress(text),
        signal,
      );
      // What draws takes a second to load, in which the first questions are answered.
      const [page, { rows, sql }] = await Promise.all([
        output === undefined ? undefined : loadPage(output),
        askLake(lake, asked),
      ]);
      const profile = profileOf(rows, {
        ...asked,
        costUsdOf: (analysedMs) => analysisCostUsd(engine, analysedMs, prices),
      });
      const about = { profile, madeAtMs: nowMs, stackName: flags.stack };
      const isEmpty = profile.bins.length === 0;
      const extent = isEmpty ? await lake.extent(asked) : undefined;
      if (page && isEmpty)
        await writePage(
          page.file,
          page.renderEmptyReport({ ...about, scannedBytes: lake.scannedBytes }, extent),
        );
      else if (page) {
        const evidence = evidenceSql(asked, binsSeen(profile), MAX_EVIDENCE);
        const found = evidenceOf(await lake.ask("evidence", evidence));
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
      for (const line of isEmpty ? emptyLines(extent) : summaryLines(profile)) console.say(line);
      if (output !== undefined) console.say(`${output} is written`);
      console.result({
        ...profile,
        engine,
        pricesAsOf: prices.asOf,
        scannedBytes: lake.scannedBytes,
        advice: isEmpty ? null : adviceOf(profile),
        ...(isEmpty && { lakeExtent: extent ?? null }),
        ...(output !== undefined && { output }),
      });
      if (lake.scannedBytes > 0) console.note(`Athena scanned ${megabytes(lake.scannedBytes)}`);
    } finally {
      athena.destroy();
      s3.destroy();
    }
  },
});

/** Only who makes a page waits for what draws it. */
async function loadPage(file: string) {
  const document = await drawingDocument();
  const { renderEmptyReport, renderReport } = await import("../../report/page.ts");
  return { file, document, renderEmptyReport, renderReport };
}

const pricingOf = (engine: Engine, { region, asOf }: Prices): string =>
  `engine ${engine}, prices of ${region} as of ${asOf}`;

const binsSeen = ({ activity }: Profile): string[] =>
  activity.filter(({ detections }) => detections > 0).map(({ bin }) => bin);

async function writePage(file: string, page: string): Promise<void> {
  try {
    await writeFile(file, page);
  } catch (error) {
    const reason = errorMessage(error);
    throw new Error(`-o ${file} cannot be written: ${reason}`, { cause: error });
  }
}

function summaryLines(profile: Profile): string[] {
  const { summary, range } = profile;
  const { headline, reasons } = adviceOf(profile);
  return [
    `${iso(range.fromMs)} to ${iso(range.toMs)}: ${counted(summary.cameras, "camera")}, ${counted(summary.sessions, "session")} (${count(summary.silentSessions)} without detections), ` +
      `${counted(summary.detections, "detection")}, ${minutes(summary.analysedMs)} analysed for ${dollars(summary.costUsd)}`,
    `Recommendation: ${headline}. ${reasons[0]}`,
  ]; // prettier-ignore
}

const emptyLines = (extent: { firstDay: string; lastDay: string } | undefined): string[] => [
  extent
    ? `There is nothing in this time; the lake has something from ${extent.firstDay} to ${extent.lastDay}`
    : "The lake is empty: no session has ended and nothing was detected yet",
];

function readEngine(text: string): Engine {
  const engine = ENGINES.find((one) => one === text);
  if (!engine) throw new UsageError(`--engine is ${text}; expected ${ENGINES.join(" or ")}`);
  return engine;
}

function readCameras(text: string | undefined): string[] {
  if (text === undefined) return [];
  const ids = [...new Set(text.split(",").map((id) => id.trim()))];
  if (ids.some((id) => id === "")) throw new UsageError("--cameras has an empty id; expected id,id");
  if (ids.length > MAX_CAMERAS)
    throw new UsageError(`--cameras names ${ids.length} cameras; expected at most ${MAX_CAMERAS}`);
  return ids;
}
