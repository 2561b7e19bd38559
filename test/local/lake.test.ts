import { FirehoseClient, PutRecordBatchCommand } from "@aws-sdk/client-firehose";
import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
} from "@aws-sdk/client-athena";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { athena } from "../../local/athena/index.ts";
import { firehose } from "../../local/firehose/index.ts";
import { glue } from "../../local/glue/index.ts";
import { glueColumns, gluePartitionKeys, projectionRules, type Table } from "../../schemas/tables/column.ts";
import { detectionRecords } from "../../schemas/tables/detection-records.ts";
import { startTestCloud, type TestCloud } from "./cloud.ts";
import {
  bytes,
  parquetDestination,
  partitionByHour,
  substituteLambda,
  templateOf,
} from "./firehose/support.ts";

const added = { name: "weather", type: "string", nullable: true, comment: "What the sky was like." } as const;
const next: Table = { ...detectionRecords, columns: [...detectionRecords.columns, added] };

/** The stream and the table of a list of columns, as the template defines them. */
const templateFor = (table: Table) => {
  const Database = {
    Type: "AWS::Glue::Database",
    Properties: { CatalogId: { Ref: "AWS::AccountId" }, DatabaseInput: { Name: "doorstep" } },
  };
  const TableInput = {
    Name: table.name,
    TableType: "EXTERNAL_TABLE",
    Parameters: {
      EXTERNAL: "TRUE",
      classification: "parquet",
      ...projectionRules(table),
      "storage.location.template": "s3://lake/detections/dt=${dt}/hour=${hour}/",
    },
    PartitionKeys: gluePartitionKeys(table),
    StorageDescriptor: {
      Columns: glueColumns(table),
      Location: "s3://lake/detections/",
      InputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
      OutputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
      SerdeInfo: { SerializationLibrary: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe" },
    },
  };
  const Table = {
    Type: "AWS::Glue::Table",
    Properties: { CatalogId: { Ref: "AWS::AccountId" }, DatabaseName: { Ref: "Database" }, TableInput },
  };
  return templateOf(parquetDestination, { resources: { Database, Table } });
};

describe("the lake", () => {
  const lambda = substituteLambda();
  lambda.handler = partitionByHour;
  let dataFolder: string;
  let local: TestCloud;

  const start = async (table: Table) => {
    local = await startTestCloud({
      services: [glue, lambda, firehose, athena],
      template: templateFor(table),
      dataFolder,
    });
  };
  const put = async (...rows: object[]) => {
    const Records = rows.map((row) => ({ Data: bytes(row) }));
    const firehoseClient = local.client(FirehoseClient);
    await firehoseClient.send(new PutRecordBatchCommand({ DeliveryStreamName: "detections", Records }));
  };
  const flush = () =>
    local
      .control<{ objects: { key: string }[] }>("POST /_doorstep/firehose/flush")
      .then(({ objects }) => objects.map(({ key }) => key.split("/").slice(0, 3).join("/")).toSorted());
  const rows = async (sql: string) => {
    const client = local.client(AthenaClient);
    const { QueryExecutionId } = await client.send(
      new StartQueryExecutionCommand({
        QueryString: sql,
        QueryExecutionContext: { Database: "doorstep" },
        ResultConfiguration: { OutputLocation: "s3://lake/results/" },
      }),
    );
    await local.cloud.events.waitFor(
      ({ name, detail }) => name === "query-ended" && detail["queryExecutionId"] === QueryExecutionId,
    );
    const { QueryExecution } = await client.send(new GetQueryExecutionCommand({ QueryExecutionId }));
    if (QueryExecution?.Status?.State !== "SUCCEEDED")
      throw new Error(QueryExecution?.Status?.StateChangeReason);
    const { ResultSet } = await client.send(new GetQueryResultsCommand({ QueryExecutionId }));
    return ResultSet!
      .Rows!.slice(1)
      .map(({ Data = [] }) => Data.map(({ VarCharValue }) => VarCharValue ?? null));
  };

  beforeEach(() => {
    dataFolder = mkdtempSync(join(tmpdir(), "doorstep-lake-"));
  });
  afterEach(async () => {
    await local.stop();
    rmSync(dataFolder, { recursive: true, force: true });
  });

  const row = (event_id: string, dt: string, hour: string, more: object = {}) => ({
    event_id,
    label: "PERSON",
    detected_at: `${dt}T${hour}:10:00.000Z`,
    dt,
    hour,
    ...more,
  });

  test("keeps files readable when a column is added to the table's list", async () => {
    await start(detectionRecords);
    await put(row("old", "2026-11-20", "05", { weather: "not a column yet" }));
    await flush();
    await local.stop();

    await start(next);
    await put(row("new", "2026-11-20", "05", { weather: "rain" }), row("newer", "2026-11-20", "06"));
    await flush();
    expect(await rows("SELECT event_id, label, weather FROM detection_records ORDER BY event_id")).toEqual([
      ["new", "PERSON", "rain"],
      ["newer", "PERSON", null],
      ["old", "PERSON", null],
    ]);
    expect(
      await rows("SELECT event_id FROM detection_records WHERE weather IS NULL AND hour = '05'"),
    ).toEqual([["old"]]);
    expect(await rows("SELECT max(weather) FROM detection_records WHERE event_id = 'old'")).toEqual([[null]]);
  });

  test("puts late and out-of-order events into the partition of their time, not of their arrival", async () => {
    await start(detectionRecords);
    const today = new Date(local.clock.now()).toISOString().slice(0, 10);
    await put(row("now", today, "10"), row("late", "2026-01-31", "23"), row("earlier", today, "09"));
    expect(await flush()).toEqual([
      "detections/dt=2026-01-31/hour=23",
      `detections/dt=${today}/hour=09`,
      `detections/dt=${today}/hour=10`,
    ]);
    local.clock.turn(40 * 86_400_000);
    await put(row("later", "2026-01-31", "23"));
    expect(await flush()).toEqual(["detections/dt=2026-01-31/hour=23"]);
    expect(
      await rows("SELECT event_id FROM detection_records WHERE dt = '2026-01-31' AND hour = '23' ORDER BY 1"),
    ).toEqual([["late"], ["later"]]);
  });
});
