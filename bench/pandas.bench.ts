/**
 * From notifications to one Parquet file: the packaged transform and the local Firehose's conversion, against pandas in the
 * way of AWS's sample for these notifications, and against pandas in its fastest way, which validates nothing. All convert
 * the same synthetic notifications in turns. Figures are processor time of all threads; the rows of each are compared with
 * what the notifications say. Without Python 3 or PyPI, pandas is not measured.
 *
 *     npm run bench -- pandas [-- --cameras=100 --days=0.1 --detections-per-day=1000]
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { emitHour, hoursOf, syntheticFleet } from "../analysis/synthetic/history.ts";
import { errorMessage } from "../base/errors.ts";
import type { handler as transform } from "../functions/transform.ts";
import { connectDuckDb, quoteString } from "../local/duckdb.ts";
import { columnsOf, convert } from "../local/firehose/conversion/convert.ts";
import type { LabelDetected } from "../schemas/notification.ts";
import { glueColumns } from "../schemas/tables/column.ts";
import { detectionRecords } from "../schemas/tables/detection-records.ts";
import { bundleOf } from "./bundle.ts";
import { rounded } from "./figures.ts";
import { historyFlags } from "./history-flags.ts";
import { pairedRounds } from "./paired-rounds.ts";
import { startPandas, type PandasConverter } from "./pandas/converter.ts";
import { figure, report, type Measured } from "./result.ts";

/** How many times as fast as the sample's way. */
const GOAL = 10;
/** About BufferSizeInMBs of the transform, 1 MB. */
const RECORDS_PER_INVOCATION = 800;
const ROUNDS = { warmUpRounds: 2, rounds: 5 };
/** Those of the stack's delivery stream of detections. */
const CONVERSION = {
  isPartitioned: true,
  isCaseInsensitive: true,
  dotsBecomeUnderscores: false,
  keyOfColumn: {},
  compression: "SNAPPY",
  writerVersion: "V1",
  blockSizeBytes: 256 * 1024 * 1024,
  isDictionaryEncoded: true,
} as const;
const COLUMNS = columnsOf(glueColumns(detectionRecords));

const options = historyFlags({ days: "0.1" });
Object.assign(process.env, {
  DETECTIONS_DELIVERY_STREAM: "detections",
  CAMERA_STREAM_PREFIX: options.streamPrefix,
  STACK_NAME: "bench",
});

const folder = mkdtempSync(join(tmpdir(), "doorstep-pandas-"));
const [notificationsFile, oursFile, pandasFile] = [
  "notifications.json",
  "ours.parquet",
  "pandas.parquet",
].map((name) => join(folder, name)) as [string, string, string];

const MAPPING = "videoMapping.kinesisVideoMapping.";
const LABEL = `label_id, label, confidence, detected_at_ms, fragment_number, fragment_server_at_ms, box_left, box_top,
  box_width, box_height, frame_image_uri, cropped_image_uri`;
/** The rows of each file, in the order of the truth's columns. */
const ROWS_OF_OURS = `SELECT event_id, session_id, ${LABEL} FROM ${quoteString(oursFile)}
  UNION ALL SELECT event_id, session_id, ${LABEL.replaceAll(/\w+/g, "more.$&")}
  FROM (SELECT event_id, session_id, unnest(more_labels) AS more FROM ${quoteString(oursFile)})`;
const ROWS_OF_PANDAS = `SELECT "eventId", "sessionId", id, name, confidence, "${MAPPING}producerTimestamp" + "${MAPPING}frameOffsetMillis",
  "${MAPPING}fragmentNumber", "${MAPPING}serverTimestamp", "boundingBox.left", "boundingBox.top", "boundingBox.width",
  "boundingBox.height", "frameImageUri", "croppedImageUri" FROM ${quoteString(pandasFile)}`;

const records: { recordId: string; approximateArrivalTimestamp: number; data: string }[] = [];
const truth: object[] = [];
const lines: string[] = [];
const { first, end } = hoursOf(options);
for (const camera of syntheticFleet(options))
  for (let hour = first; hour < end; hour++)
    emitHour(camera, hour, options, (table, document, arrivalMs) => {
      if (table !== "detection_records") return;
      const text = JSON.stringify(document);
      lines.push(text);
      records.push({
        recordId: `49601492185473048167540${lines.length}`,
        approximateArrivalTimestamp: arrivalMs,
        data: Buffer.from(text).toString("base64"),
      });
      truth.push(...labelsOf(document as LabelDetected));
    });
writeFileSync(notificationsFile, `${lines.join("\n")}\n`);

/** What a notification says, one object per label. */
function labelsOf({ eventId, sessionId, labels }: LabelDetected): object[] {
  return labels.map((label) => {
    const { fragmentNumber, serverTimestamp, producerTimestamp, frameOffsetMillis } =
      label.videoMapping.kinesisVideoMapping;
    const { left, top, width, height } = label.boundingBox;
    return {
      event_id: eventId,
      session_id: sessionId,
      label_id: label.id,
      label: label.name,
      confidence: label.confidence ?? null,
      detected_at_ms: producerTimestamp + frameOffsetMillis,
      fragment_number: fragmentNumber,
      fragment_server_at_ms: serverTimestamp,
      box_left: left,
      box_top: top,
      box_width: width,
      box_height: height,
      frame_image_uri: label.frameImageUri,
      cropped_image_uri: label.croppedImageUri,
    };
  });
}

/** @returns the packaged function */
async function packagedTransform(): Promise<typeof transform> {
  const file = join(folder, "transform.mjs");
  const { code } = await bundleOf("functions/transform");
  writeFileSync(file, code);
  return ((await import(pathToFileURL(file).href)) as { handler: typeof transform }).handler;
}

const handler = await packagedTransform();

/** @returns processor microseconds per notification */
async function ours(): Promise<number> {
  const { write } = process.stdout;
  // Keeps the metrics, a line per invocation, out of the figures.
  process.stdout.write = () => true;
  const before = process.cpuUsage();
  const rows = [];
  for (let index = 0; index < records.length; index += RECORDS_PER_INVOCATION) {
    const transformed = await handler({
      invocationId: "bench",
      deliveryStreamArn: "arn:aws:firehose:us-east-1:000000000000:deliverystream/detections",
      region: "us-east-1",
      records: records.slice(index, index + RECORDS_PER_INVOCATION),
    });
    for (const { data } of transformed.records)
      rows.push({ sequence: rows.length, arrivedAtMs: 0, data: Buffer.from(data ?? "", "base64") });
  }
  const { parquet } = await convert(rows, COLUMNS, CONVERSION, join(folder, "conversion"));
  const { user, system } = process.cpuUsage(before);
  process.stdout.write = write;
  writeFileSync(oursFile, parquet!);
  return (user + system) / records.length;
}

const connection = await connectDuckDb();
const truthFile = join(folder, "truth.json");
writeFileSync(truthFile, truth.map((row) => `${JSON.stringify(row)}\n`).join(""));
await connection.run(
  `CREATE TABLE truth AS SELECT * FROM read_json(${quoteString(truthFile)}, format = 'newline_delimited',
    columns = {${Object.entries(truth[0]!)
      .map(
        ([name, value]) =>
          `${name}: '${typeof value === "string" ? "VARCHAR" : name.endsWith("_ms") ? "BIGINT" : "DOUBLE"}'`,
      )
      .join()}})`,
);

/** How many of the truth's rows are among these. */
async function rightRows(sql: string): Promise<number> {
  const reader = await connection.runAndReadAll(
    `SELECT count(*)::INTEGER FROM (FROM truth INTERSECT ALL (${sql}))`,
  );
  return Number(reader.value(0, 0));
}

/** @returns processor microseconds per notification, and how many times as fast ours is */
async function besidePandas(pandas: PandasConverter, way: string) {
  const rival = async (): Promise<number> =>
    ((await pandas.convert({ way, notifications: notificationsFile, parquet: pandasFile })) * 1e6) /
    records.length;
  const medians = await pairedRounds({ ours, rival }, ROUNDS);
  return { ...medians, right: await rightRows(ROWS_OF_PANDAS) };
}

const figuresOf = (name: string, microseconds: number, right: number) => [
  figure(name, rounded(microseconds, 1), "µs of processor time per notification"),
  figure(`${name}: speed`, Math.round(1e6 / microseconds), "notifications per second and core"),
  figure(`${name}: right rows`, right, `of ${truth.length}`),
];

async function measure(): Promise<Measured> {
  const pandas = await startPandas(folder).catch((error: unknown) => errorMessage(error));
  if (typeof pandas === "string") {
    const own = await ours();
    const right = await rightRows(ROWS_OF_OURS);
    return {
      figures: figuresOf("Doorstep, once", own, right),
      sameWork: `every row is right; pandas is not measured: ${pandas.split("\n", 1)[0]}`,
      failures: wrongRows(right),
    };
  }
  try {
    const sample = await besidePandas(pandas, "by notification");
    const right = await rightRows(ROWS_OF_OURS);
    const fastest = await besidePandas(pandas, "by file");
    return {
      figures: [
        ...figuresOf("Doorstep", sample.ours, right),
        ...figuresOf("pandas by notification", sample.rival, sample.right),
        ...figuresOf("pandas by file, without validation", fastest.rival, fastest.right),
        figure("its time / ours", rounded(fastest.ratio, 1), "of pandas by file"),
      ],
      rival: {
        name: `pandas by notification, as AWS's sample (${pandas.versions})`,
        ratio: rounded(sample.ratio, 1),
        ratioOf: "its processor time / ours",
        goal: { atLeast: GOAL },
      },
      sameWork: "each converts the same notifications to one Parquet file; every row of ours is right",
      failures: wrongRows(right),
    };
  } finally {
    await pandas.stop();
  }
}

const wrongRows = (right: number): string[] =>
  right === truth.length ? [] : [`${truth.length - right} rows of ours are missing or wrong`];

try {
  report("pandas", await measure());
} finally {
  connection.closeSync();
  rmSync(folder, { recursive: true });
}
