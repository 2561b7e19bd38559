import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AthenaClient } from "@aws-sdk/client-athena";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { runQuery, type QueryResult } from "../../operator/athena.ts";
import { normaliseNotification } from "../../core/lake/normalise.ts";
import { templateFile } from "../../demo/package-service.ts";
import { athena } from "../../local/athena/index.ts";
import { connectDuckDb } from "../../local/duckdb.ts";
import { duckDbType, HIVE, parseColumnType } from "../../local/glue/column-type.ts";
import { glue } from "../../local/glue/index.ts";
import { readTemplate } from "../../local/template/template.ts";
import type { Column, Table } from "../../schemas/tables/column.ts";
import { LAKE_TABLES, type LakeTable } from "../../schemas/tables/lake-tables.ts";
import { labelsOf } from "../support/labels.ts";
import { startTestCloud, type TestCloud } from "../local/cloud.ts";

/** A message as Firehose passes it to the transform. */
export interface Message {
  readonly body: unknown;
  /** ISO 8601 */
  readonly receivedAt: string;
}

const LAKE_TYPES = new Set(["AWS::Glue::Database", "AWS::Glue::Table"]);

/** The packaged service's lake on the local cloud, for tests to fill and query. */
export class QueryLake {
  readonly local: TestCloud;
  readonly athena: AthenaClient;
  #files = 0;

  private constructor(local: TestCloud) {
    this.local = local;
    this.athena = local.client(AthenaClient);
  }

  static async start(): Promise<QueryLake> {
    const { Resources, ...rest } = readTemplate(templateFile);
    const lake = Object.entries(Resources).filter(
      ([id, { Type }]) => id === "LakeBucket" || LAKE_TYPES.has(Type) || Type.startsWith("AWS::Athena::"),
    );
    const template = { ...rest, Resources: Object.fromEntries(lake), Outputs: {} };
    return new QueryLake(await startTestCloud({ services: [glue, athena], template }));
  }

  get workGroup(): string {
    return this.local.resources.get("AnalystsWorkGroup")!.ref;
  }

  get database(): string {
    return this.local.resources.get("LakeDatabase")!.ref;
  }

  /** Puts messages into the lake as `parquetFiles` writes them. */
  async deliver(messages: readonly Message[], layout?: Layout): Promise<void> {
    for (const [folder, bytes] of await parquetFiles(messages, layout))
      await this.put(`${folder}/${++this.#files}.parquet`, bytes);
  }

  async put(Key: string, Body: Uint8Array): Promise<void> {
    const Bucket = this.local.resources.get("LakeBucket")!.ref;
    await this.local.client(S3Client).send(new PutObjectCommand({ Bucket, Key, Body }));
  }

  /** Runs a query through the Athena API, in the lake's workgroup and database. */
  async run(sql: string): Promise<QueryResult> {
    return await runQuery(sql, {
      client: this.athena,
      workGroup: this.workGroup,
      database: this.database,
    });
  }

  async stop(): Promise<void> {
    await this.local.stop();
  }
}

/** How rows become a file: as today, or with a row per label and without columns that are newer, as in earlier versions. */
type Layout = "row-per-notification" | "row-per-label";

/**
 * Normalises messages and writes their rows as Parquet: a file for each hour they belong to, by its folder, e.g.
 * `detection_records/dt=2026-03-02/hour=10`.
 */
export async function parquetFiles(
  messages: readonly Message[],
  layout: Layout = "row-per-notification",
): Promise<Map<string, Buffer>> {
  const rows = new Map<string, string[]>();
  for (const { body, receivedAt } of messages) {
    const text = JSON.stringify(body);
    const normalised = normaliseNotification(text, {
      table: tableOf(text),
      arrivalMs: Date.parse(receivedAt),
      cameraStreamPrefix: "doorstep-dev-camera-",
    });
    if (!normalised.ok) throw new Error(normalised.reason);
    const { dt, hour } = normalised.partition;
    const folder = `${normalised.table}/dt=${dt}/hour=${hour}`;
    const written =
      normalised.table === "detection_records" && layout === "row-per-label"
        ? labelsOf(normalised.row)
        : [normalised.row];
    rows.set(folder, [...(rows.get(folder) ?? []), ...written.map((row) => `${JSON.stringify(row)}\n`)]);
  }
  const files = new Map<string, Buffer>();
  for (const [folder, lines] of rows)
    files.set(
      folder,
      await parquetOf(columnsIn(layout, LAKE_TABLES[folder.split("/")[0] as LakeTable]), lines),
    );
  return files;
}

function tableOf(text: string): LakeTable {
  if (text.includes("ALERT_DECISION")) return "alert_records";
  if (text.includes('"FACE"')) return "face_records";
  return text.includes("LABEL_DETECTED") ? "detection_records" : "session_records";
}

const NEWER_COLUMNS = ["more_labels", "engine", "samples", "longest_gap_ms", "short_key", "more_keys"];

const columnsIn = (layout: Layout, { columns }: Table): readonly Column[] =>
  layout === "row-per-label" ? columns.filter(({ name }) => !NEWER_COLUMNS.includes(name)) : columns;

async function parquetOf(columns: readonly Column[], lines: readonly string[]): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), "doorstep-parquet-"));
  const connection = await connectDuckDb();
  const types = columns.map(
    ({ name, type }) => `${name}: '${duckDbType(parseColumnType(type, HIVE), "TIMESTAMP")}'`,
  );
  try {
    writeFileSync(`${folder}/rows.json`, lines.join(""));
    await connection.run(
      `COPY (SELECT * FROM read_json('${folder}/rows.json', format = 'newline_delimited', columns = {${types.join()}}))
       TO '${folder}/rows.parquet' (FORMAT parquet)`,
    );
    return readFileSync(`${folder}/rows.parquet`);
  } finally {
    connection.closeSync();
    rmSync(folder, { recursive: true });
  }
}
