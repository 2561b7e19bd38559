import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  type QueryExecution,
  StartQueryExecutionCommand,
  type StartQueryExecutionCommandInput,
} from "@aws-sdk/client-athena";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { athena } from "../../../local/athena/index.ts";
import { connectDuckDb } from "../../../local/duckdb.ts";
import { glue } from "../../../local/glue/index.ts";
import type { Template } from "../../../local/template/template.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";

export type Rows = (string | null)[][];

/** A table of Parquet files, as the template defines it. */
export const parquetTable = (
  name: string,
  columns: Record<string, string>,
  partitions: Record<string, string> = {},
  parameters: Record<string, string> = {},
) => ({
  Type: "AWS::Glue::Table",
  Properties: {
    CatalogId: { Ref: "AWS::AccountId" },
    DatabaseName: { Ref: "Database" },
    TableInput: {
      Name: name,
      TableType: "EXTERNAL_TABLE",
      Parameters: { classification: "parquet", EXTERNAL: "TRUE", ...parameters },
      PartitionKeys: Object.entries(partitions).map(([Name, Type]) => ({ Name, Type })),
      StorageDescriptor: {
        Columns: Object.entries(columns).map(([Name, Type]) => ({ Name, Type })),
        Location: `s3://lake/${name}/`,
        InputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        OutputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        SerdeInfo: { SerializationLibrary: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe" },
      },
    },
  },
});

/** A table of lines of JSON, as the template defines it. */
export const jsonTable = (
  name: string,
  columns: Record<string, string>,
  serde: Record<string, string> = {},
) => {
  const { Type, Properties } = parquetTable(name, columns);
  const { StorageDescriptor, ...input } = Properties.TableInput;
  const SerdeInfo = { SerializationLibrary: "org.openx.data.jsonserde.JsonSerDe", Parameters: serde };
  const TableInput = { ...input, StorageDescriptor: { ...StorageDescriptor, SerdeInfo } };
  return { Type, Properties: { ...Properties, TableInput } };
};

/** A view, as the template defines it; columns have Trino's types. */
export const prestoView = (name: string, originalSql: string, columns: Record<string, string>) => {
  const text = {
    originalSql,
    catalog: "awsdatacatalog",
    schema: "doorstep",
    columns: Object.entries(columns).map(([column, type]) => ({ name: column, type })),
  };
  return {
    Type: "AWS::Glue::Table",
    Properties: {
      DatabaseName: { Ref: "Database" },
      TableInput: {
        Name: name,
        Owner: "hadoop",
        TableType: "VIRTUAL_VIEW",
        Parameters: { presto_view: "true", comment: "Presto View" },
        PartitionKeys: [],
        StorageDescriptor: {
          Columns: Object.keys(columns).map((column) => ({ Name: column, Type: "string" })),
          SerdeInfo: {},
        },
        ViewOriginalText: `/* Presto View: ${Buffer.from(JSON.stringify(text)).toString("base64")} */`,
        ViewExpandedText: "/* Presto View */",
      },
    },
  };
};

export const database = {
  Type: "AWS::Glue::Database",
  Properties: { CatalogId: { Ref: "AWS::AccountId" }, DatabaseInput: { Name: "doorstep" } },
};

export const dtAndHour = (table: string): Record<string, string> => ({
  "projection.enabled": "true",
  "projection.dt.type": "date",
  "projection.dt.range": "2026-01-01,NOW+1DAY",
  "projection.dt.format": "yyyy-MM-dd",
  "projection.dt.interval": "1",
  "projection.dt.interval.unit": "DAYS",
  "projection.hour.type": "integer",
  "projection.hour.range": "0,23",
  "projection.hour.digits": "2",
  "storage.location.template": `s3://lake/${table}/dt=\${dt}/hour=\${hour}/`,
});

export const buckets = {
  Lake: { Type: "AWS::S3::Bucket", Properties: { BucketName: "lake" } },
  Results: { Type: "AWS::S3::Bucket", Properties: { BucketName: "results" } },
};

/** A local cloud with Glue, Athena and a lake. */
export class TestLake {
  readonly local: TestCloud;
  readonly athena: AthenaClient;

  private constructor(local: TestCloud) {
    this.local = local;
    this.athena = local.client(AthenaClient);
  }

  static async start(resources: Template["Resources"], dataFolder?: string): Promise<TestLake> {
    const template = { Resources: { ...buckets, Database: database, ...resources } };
    return new TestLake(
      await startTestCloud({ services: [glue, athena], template, ...(dataFolder && { dataFolder }) }),
    );
  }

  /**
   * Writes the rows of a DuckDB query to the lake as a Parquet file.
   * @param options of DuckDB's COPY
   * @returns the size of the file in bytes
   */
  async put(key: string, select: string, ...options: string[]): Promise<number> {
    const folder = mkdtempSync(join(tmpdir(), "doorstep-parquet-"));
    const connection = await connectDuckDb();
    try {
      const settings = ["FORMAT parquet", ...options].join(", ");
      await connection.run(`COPY (${select}) TO '${folder}/file.parquet' (${settings})`);
      const bytes = readFileSync(`${folder}/file.parquet`);
      await this.local.client(S3Client).send(new PutObjectCommand({ Bucket: "lake", Key: key, Body: bytes }));
      return bytes.length;
    } finally {
      connection.closeSync();
      rmSync(folder, { recursive: true });
    }
  }

  async begin(
    sql: string,
    options: Partial<StartQueryExecutionCommandInput> = {},
    client: AthenaClient = this.athena,
  ): Promise<string> {
    const { QueryExecutionId } = await client.send(
      new StartQueryExecutionCommand({
        QueryString: sql,
        QueryExecutionContext: { Database: "doorstep" },
        ResultConfiguration: { OutputLocation: "s3://results/out/" },
        ...options,
      }),
    );
    return QueryExecutionId!;
  }

  /** The execution once it has ended. */
  async ended(id: string): Promise<QueryExecution> {
    await this.local.cloud.events.waitFor(
      ({ name, detail }) => name === "query-ended" && detail["queryExecutionId"] === id,
    );
    const { QueryExecution } = await this.athena.send(new GetQueryExecutionCommand({ QueryExecutionId: id }));
    return QueryExecution!;
  }

  async run(sql: string, options: Partial<StartQueryExecutionCommandInput> = {}): Promise<QueryExecution> {
    return await this.ended(await this.begin(sql, options));
  }

  /** The rows of a query that succeeds, with the header. */
  async rows(sql: string): Promise<Rows> {
    const { QueryExecutionId, Status } = await this.run(sql);
    if (Status?.State !== "SUCCEEDED") throw new Error(`${Status?.State}: ${Status?.StateChangeReason}`);
    const { ResultSet } = await this.athena.send(new GetQueryResultsCommand({ QueryExecutionId }));
    return ResultSet!.Rows!.map(({ Data = [] }) => Data.map(({ VarCharValue }) => VarCharValue ?? null));
  }

  /** Names of the types of a query's columns. */
  async types(sql: string): Promise<(string | undefined)[]> {
    const { QueryExecutionId } = await this.run(sql);
    const { ResultSet } = await this.athena.send(new GetQueryResultsCommand({ QueryExecutionId }));
    return ResultSet!.ResultSetMetadata!.ColumnInfo!.map(({ Type }) => Type);
  }

  /** The reason why a query failed. */
  async failure(sql: string): Promise<string | undefined> {
    const { Status } = await this.run(sql);
    if (Status?.State !== "FAILED") throw new Error(`${sql} is ${Status?.State}`);
    return Status.StateChangeReason;
  }

  async stop(): Promise<void> {
    await this.local.stop();
  }
}
