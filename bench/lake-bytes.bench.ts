/**
 * The bytes that Athena scans for five typical queries (DataScannedInBytes of the local Athena's API), in the lake and in a
 * naive layout: a row per label, with the columns that each has and the same compression, in one folder without partitions, in order of
 * arrival. Both queries remove duplicates and must return the same rows. A third figure, careless, is the naive layout's
 * without removing duplicates.
 *
 *     npm run bench -- lake-bytes [-- --cameras=100 --days=30 --detections-per-day=1000]
 */
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AthenaClient } from "@aws-sdk/client-athena";
import { S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { DuckDBInstance } from "@duckdb/node-api";
import { runQuery } from "../operator/athena.ts";
import { lakeObjects } from "../operator/lake-objects.ts";
import { writeHistory } from "../cli/generate/write-history.ts";
import { syntheticCamera } from "../analysis/synthetic/camera.ts";
import { ensurePackage, templateFile } from "../demo/package-service.ts";
import { athena } from "../local/athena/index.ts";
import { glue } from "../local/glue/index.ts";
import { readTemplate } from "../local/template/template.ts";
import { glueColumns } from "../schemas/tables/column.ts";
import { detectionRecords, LABEL_COLUMNS } from "../schemas/tables/detection-records.ts";
import { startTestCloud } from "../test/local/cloud.ts";
import { DAY_MS } from "../base/durations.ts";
import { rounded } from "./figures.ts";
import { historyFlags } from "./history-flags.ts";
import { figure, report } from "./result.ts";

/** Largest shares of the naive layout's bytes that the lake may scan, over all queries: with duplicates removed, and without. */
const GOAL_SHARE = 0.1;
const GOAL_CARELESS_SHARE = 1;
const NAIVE = "naive_records";
/** Columns of the lake for a notification with several labels, which the naive layout has no use for. */
const OF_NOTIFICATIONS = new Set(["more_labels", "short_key", "more_keys"]);

const options = historyFlags();

/** An interval, as a condition on the lake's partitions and on a timestamp column. */
interface When {
  readonly partitions: string;
  readonly from: string;
  readonly until: string;
}

const lastHour: When = {
  partitions: "dt = '2026-10-31' AND hour = '18'",
  from: "2026-10-31 18:00:00",
  until: "2026-10-31 19:00:00",
};
const lastNight: When = {
  partitions: "dt = '2026-10-31' AND hour < '06'",
  from: "2026-10-31 00:00:00",
  until: "2026-10-31 06:00:00",
};
const lastDay: When = {
  partitions: "dt = '2026-10-31'",
  from: "2026-10-31 00:00:00",
  until: "2026-11-01 00:00:00",
};
const lastWeek: When = {
  partitions: "dt BETWEEN '2026-10-25' AND '2026-10-31'",
  from: "2026-10-25 00:00:00",
  until: "2026-11-01 00:00:00",
};

const { cameraId } = syntheticCamera(0, options.seed, options.streamPrefix);
const QUERIES: readonly { readonly name: string; readonly when: When; readonly sql: string }[] = [
  {
    name: "detections of one camera in one hour",
    when: lastHour,
    sql: `SELECT detected_at_ms, label, confidence FROM $facts WHERE camera_id = '${cameraId}' AND $when ORDER BY 1, 2`,
  },
  {
    name: "detections per camera and hour of a day",
    when: lastDay,
    sql: "SELECT camera_id, date_trunc('hour', detected_at), label, count(*) FROM $facts WHERE $when GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
  },
  {
    name: "pets of a night",
    when: lastNight,
    sql: "SELECT camera_id, count(*) FROM $facts WHERE label = 'PET' AND $when GROUP BY 1 ORDER BY 1",
  },
  {
    name: "time to detection by label, of a day",
    when: lastDay,
    sql: "SELECT label, count(*), avg(detected_at_ms - session_started_at_ms), max(detected_at_ms - session_started_at_ms) FROM $facts WHERE $when GROUP BY 1 ORDER BY 1",
  },
  {
    name: "labels per day, of a week",
    when: lastWeek,
    sql: "SELECT date_trunc('day', detected_at), label, count(*) FROM $facts WHERE $when GROUP BY 1, 2 ORDER BY 1, 2",
  },
];

const inTime = ({ from, until }: When) =>
  `detected_at >= TIMESTAMP '${from}' AND detected_at < TIMESTAMP '${until}'`;
const eachOnce = `(SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY event_id, label_id ORDER BY received_at_ms) AS copy FROM ${NAIVE}) WHERE copy = 1)`;

const folder = mkdtempSync(join(tmpdir(), "doorstep-lake-bytes-"));
const packaged = await ensurePackage();
const lakeTypes = new Set(["AWS::Glue::Database", "AWS::Glue::Table"]);
const { Resources, ...rest } = readTemplate(templateFile);
packaged.release();
const local = await startTestCloud({
  services: [glue, athena],
  template: {
    ...rest,
    Outputs: {},
    Resources: {
      ...Object.fromEntries(
        Object.entries(Resources).filter(
          ([id, { Type }]) => id === "LakeBucket" || lakeTypes.has(Type) || Type === "AWS::Athena::WorkGroup",
        ),
      ),
      Naive: {
        Type: "AWS::Glue::Table",
        Properties: {
          DatabaseName: { Ref: "LakeDatabase" },
          TableInput: {
            Name: NAIVE,
            TableType: "EXTERNAL_TABLE",
            Parameters: { classification: "parquet", EXTERNAL: "TRUE" },
            StorageDescriptor: {
              Columns: glueColumns(detectionRecords).filter(({ Name }) => !OF_NOTIFICATIONS.has(Name)),
              Location: { "Fn::Sub": "s3://${LakeBucket}/naive/" },
              InputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
              OutputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
              SerdeInfo: {
                SerializationLibrary: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
              },
            },
          },
        },
      },
    },
  },
});

try {
  const { rows } = await writeHistory(options, { folder }, { signal: new AbortController().signal });
  const Bucket = local.resources.get("LakeBucket")!.ref;
  const client = local.client(S3Client);
  for (const file of globSync("detection_records/**/*.parquet", { cwd: folder }))
    await lakeObjects(Bucket, client).put(file, readFileSync(join(folder, file)));
  const Body = await naiveFile();
  await new Upload({ client, params: { Bucket, Key: "naive/all.parquet", Body } }).done();

  const context = {
    client: local.client(AthenaClient),
    workGroup: local.resources.get("AnalystsWorkGroup")!.ref,
    database: local.resources.get("LakeDatabase")!.ref,
  };
  const results: {
    readonly name: string;
    readonly lakeBytes: number;
    readonly naiveBytes: number;
    readonly carelessBytes: number;
    readonly share: number;
  }[] = [];
  for (const { name, when, sql } of QUERIES) {
    const run = async (facts: string, where: string) =>
      await runQuery(sql.replace("$facts", facts).replace("$when", where), context);
    const lake = await run("detections", when.partitions);
    const naive = await run(eachOnce, inTime(when));
    const careless = await run(NAIVE, inTime(when));
    if (JSON.stringify(lake.rows) !== JSON.stringify(naive.rows))
      throw new Error(`${name}: the layouts return different rows`);
    if (lake.rows.length === 0) throw new Error(`${name}: no rows; use more cameras`);
    results.push({
      name,
      lakeBytes: lake.scannedBytes,
      naiveBytes: naive.scannedBytes,
      carelessBytes: careless.scannedBytes,
      share: lake.scannedBytes / naive.scannedBytes,
    });
  }
  const sum = (key: "lakeBytes" | "naiveBytes" | "carelessBytes") =>
    results.reduce((all, one) => all + one[key], 0);
  const megabytes = (name: string, bytes: number) => figure(name, rounded(bytes / 1e6), "MB");
  report("lake-bytes", {
    figures: [
      figure("detections", rows.detection_records, ""),
      figure("days", (options.untilMs - options.fromMs) / DAY_MS, ""),
      figure("cameras", options.cameras, ""),
      ...results.flatMap(({ name, lakeBytes, naiveBytes, carelessBytes, share }) => [
        megabytes(`${name}: lake`, lakeBytes),
        megabytes(`${name}: naive`, naiveBytes),
        megabytes(`${name}: careless`, carelessBytes),
        figure(`${name}: lake / naive`, rounded(share, 4), ""),
      ]),
      megabytes("together: lake", sum("lakeBytes")),
      megabytes("together: naive", sum("naiveBytes")),
      megabytes("together: careless", sum("carelessBytes")),
      figure("together: lake / careless", rounded(sum("lakeBytes") / sum("carelessBytes"), 4), "", {
        atMost: GOAL_CARELESS_SHARE,
      }),
    ],
    rival: {
      name: "the naive layout, each fact once",
      ratio: rounded(sum("lakeBytes") / sum("naiveBytes"), 4),
      ratioOf: "bytes of the lake / its",
      goal: { atMost: GOAL_SHARE },
    },
    sameWork: "both layouts return the same rows for each of the five questions",
  });
} finally {
  await local.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** Every detection in one file in order of arrival, as a job that concatenates a folder writes it. */
async function naiveFile(): Promise<Buffer> {
  const instance = await DuckDBInstance.create(":memory:", {
    memory_limit: "2GB",
    temp_directory: join(folder, "spilled"),
  });
  const connection = await instance.connect();
  const ofLabels = new Set<string>(LABEL_COLUMNS.map(({ name }) => name));
  const columns = detectionRecords.columns
    .filter(({ name }) => !OF_NOTIFICATIONS.has(name))
    .map(({ name, type }) => {
      const more = type === "timestamp" ? `epoch_ms(more_labels[n].${name}_ms)` : `more_labels[n].${name}`;
      return ofLabels.has(name) ? `CASE WHEN n = 0 THEN ${name} ELSE ${more} END AS ${name}` : name;
    });
  try {
    await connection.run(
      `COPY (SELECT ${columns.join()}
             FROM (SELECT *, unnest(range(0, 1 + coalesce(len(more_labels), 0))) AS n
                   FROM read_parquet('${folder}/detection_records/**/*.parquet', hive_partitioning = false))
             ORDER BY received_at_ms, event_id, n)
       TO '${folder}/naive.parquet' (FORMAT parquet, COMPRESSION zstd)`,
    );
    return readFileSync(join(folder, "naive.parquet"));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
