import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { DuckDBInstance } from "@duckdb/node-api";

const PUTS_AT_A_TIME = 8;

export interface MadeLake {
  readonly cameras: number;
  readonly days: number;
  /** Of each camera. */
  readonly motionsPerDay: number;
  /** Midnight, UTC, of the first day. */
  readonly firstDay: string;
  /** Where the frames are said to lie. */
  readonly evidenceBucket: string;
}

/**
 * Fills the lake with facts that follow from the numbers alone: motions covered by chained sessions of 20, 30, 60 and
 * 120 seconds, what they detected, gaps, lost sessions, and every fiftieth detection delivered twice.
 * @returns how many detections there are
 */
export async function fillLake(s3: S3Client, bucket: string, lake: MadeLake): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "doorstep-made-lake-"));
  const instance = await DuckDBInstance.create(":memory:", { memory_limit: "1GB", threads: "2" });
  const duckdb = await instance.connect();
  try {
    await duckdb.run(`SET temp_directory = '${folder}/spilled'`);
    await duckdb.run(FACTS(lake));
    for (const table of ["detection_records", "session_records"])
      await duckdb.run(
        `COPY (FROM ${table} ORDER BY dt, hour) TO '${folder}/${table}' (FORMAT parquet, COMPRESSION snappy, PARTITION_BY (dt, hour))`,
      );
    const counted = await duckdb.runAndReadAll("SELECT count(DISTINCT event_id) FROM detection_records");
    const files = globSync(`${folder}/*_records/**/*.parquet`);
    for (let first = 0; first < files.length; first += PUTS_AT_A_TIME)
      await Promise.all(
        files
          .slice(first, first + PUTS_AT_A_TIME)
          .map((file) =>
            s3.send(
              new PutObjectCommand({ Bucket: bucket, Key: relative(folder, file), Body: readFileSync(file) }),
            ),
          ),
      );
    return Number(counted.getRows()[0]![0]);
  } finally {
    duckdb.closeSync();
    instance.closeSync();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A number from 0 to 1 that follows from the key and what it is for. */
const chance = (key: string, what: string): string =>
  `((hash(${key} || '${what}') % 1000003)::DOUBLE / 1000003)`;
const stamped = (ms: string, name: string): string => `epoch_ms(${ms}) AS ${name}, ${ms} AS ${name}_ms`;
const partitioned = (ms: string): string =>
  `strftime(epoch_ms(${ms}), '%Y-%m-%d') AS dt, strftime(epoch_ms(${ms}), '%H') AS hour`;

export const FACTS = ({ cameras, days, motionsPerDay, firstDay, evidenceBucket }: MadeLake): string => `
CREATE TABLE motions AS
  SELECT camera_id, key, start_ms, seconds::BIGINT AS seconds, allowed_s
  FROM (
    SELECT *, ${Date.parse(firstDay)} + day * 86400000
        + ((n + ${chance("key", "at")}) * 86400000 / ${motionsPerDay})::BIGINT AS start_ms,
      least(240, 4 + 24 * -ln(1 - ${chance("key", "lasts")})) AS seconds,
      [30, 60, 30, 120, 60, 30, 20, 30][1 + c % 8] AS allowed_s
    FROM (
      SELECT c, day, n, format('{}-{:02d}', ['front-door', 'back-yard', 'garage', 'porch', 'driveway'][1 + c % 5], c // 5 + 1) AS camera_id,
        format('{}/{}/{}', c, day, n) AS key
      FROM range(${cameras}) AS cs(c), range(${days}) AS ds(day), range(${motionsPerDay}) AS ns(n)
    )
    WHERE ${chance("key", "is")} < 0.35 + 0.65 * abs(sin(n * 3.14159 / ${motionsPerDay}))
  );
CREATE TABLE runs AS
  SELECT *, start_ms + i * allowed_s * 1000 AS run_ms, key || '/' || i AS session_id,
    CASE WHEN ${chance("key || i", "outcome")} < 0.004 THEN 'lost'
         WHEN ${chance("key || i", "outcome")} < 0.03 THEN 'gap' ELSE 'completed' END AS outcome
  FROM (SELECT *, unnest(range(ceil(seconds / allowed_s)::BIGINT)) AS i FROM motions);
CREATE TABLE session_records AS
  SELECT session_id || '/' || source AS event_id, source, outcome,
    CASE outcome WHEN 'gap' THEN ['budget', 'throttled', 'schedule', 'late'][1 + (hash(session_id) % 4)::INT]
                 WHEN 'lost' THEN 'the session never told its end' END AS reason,
    CASE WHEN outcome <> 'gap' THEN session_id END AS session_id, camera_id,
    NULL::VARCHAR AS stream_name, NULL::VARCHAR AS stream_arn,
    CASE WHEN outcome = 'completed' THEN allowed_s * 1000 END AS processed_ms,
    ${stamped("run_ms", "session_started_at")}, ${stamped("(run_ms + allowed_s * 1000)", "session_ended_at")},
    allowed_s::INTEGER AS max_duration_s, NULL::VARCHAR AS result_message, NULL::MAP(VARCHAR, VARCHAR) AS tags,
    ${stamped("(run_ms + 130000)", "received_at")}, ${partitioned("run_ms")}
  FROM runs, (VALUES ('engine'), ('ledger')) AS sources(source)
  WHERE outcome = 'completed' OR source = 'ledger';
CREATE TABLE sights AS
  SELECT *, (run_ms + greatest(appears_s - i * allowed_s, 0.2) * 1000)::BIGINT AS at_ms
  FROM (
    SELECT runs.*, label, CASE label WHEN 'PERSON' THEN 1 WHEN 'PET' THEN 0.5 ELSE 1.9 END
        * exp(1.1 + 0.85 * sqrt(-2 * ln(1 - ${chance("key", "far' || label || '")})) * cos(6.28318 * ${chance("key", "angle' || label || '")})) AS appears_s
    FROM runs, (VALUES ('PERSON', 0.62), ('PET', 0.2), ('PACKAGE', 0.13)) AS labels(label, share)
    WHERE outcome = 'completed' AND ${chance("key", "shows' || label || '")} < share
  )
  WHERE appears_s < least((i + 1) * allowed_s, seconds + 6);
CREATE TABLE detection_records AS
  SELECT event_id, session_id, camera_id, 'doorstep-' || camera_id AS stream_name,
    'arn:aws:kinesisvideo:us-east-1:000000000000:stream/doorstep-' || camera_id || '/1700000000000' AS stream_arn,
    event_id || '/label' AS label_id, label,
    (100 - 52 * pow(${chance("event_id", "sure")}, 1.6))::DOUBLE AS confidence,
    ${stamped("at_ms", "detected_at")}, '91343852333181432392682062622220590765191907586' AS fragment_number,
    ${stamped("(at_ms + 900)", "fragment_server_at")}, (at_ms - run_ms) % 2000 AS frame_offset_ms,
    x::DOUBLE AS box_left, y::DOUBLE AS box_top, w::DOUBLE AS box_width, h::DOUBLE AS box_height,
    format('s3://${evidenceBucket}/evidence/{}/{}.jpg', camera_id, label) AS frame_image_uri, NULL::VARCHAR AS cropped_image_uri,
    ${stamped("run_ms", "session_started_at")}, NULL::MAP(VARCHAR, VARCHAR) AS tags,
    epoch_ms(at_ms + 70000 + copy) AS received_at, at_ms + 70000 + copy AS received_at_ms, ${partitioned("at_ms")}
  FROM (
    SELECT *, session_id || '/' || label AS event_id, 0.1 + 0.5 * ${chance("session_id", "x")} AS x,
      0.15 + 0.35 * ${chance("session_id", "y")} AS y, CASE label WHEN 'PERSON' THEN 0.16 ELSE 0.2 END AS w,
      CASE label WHEN 'PERSON' THEN 0.42 ELSE 0.2 END AS h
    FROM sights
  ), range(2) AS copies(copy)
  WHERE copy = 0 OR hash(event_id) % 50 = 0;`;
