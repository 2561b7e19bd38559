import { join } from "node:path";
import { GetTableCommand, GlueClient } from "@aws-sdk/client-glue";
import { randomId } from "../../base/random.ts";
import { errorMessage } from "../../base/errors.ts";
import type { ClientConfig, Cloud } from "../cloud.ts";
import { OperatorError } from "../errors.ts";
import type { BufferPurpose } from "./buffer-names.ts";
import { columnsOf, convert } from "./conversion.ts";
import { conversionFailedLine, countByErrorCode } from "./error-lines.ts";
import type { HiveField } from "./hive-type.ts";
import { PARQUET_FORMAT, SingleAttemptS3Client, writeObject, type ObjectContent } from "./object-writer.ts";
import type { KeptRecord } from "./record-store.ts";
import type { Conversion, S3Output, StreamSettings } from "./settings.ts";
import type { Delivered, StreamDescription } from "./stream-description.ts";

export interface DeliveryOptions {
  readonly cloud: Cloud;
  readonly description: StreamDescription;
  readonly settings: StreamSettings;
  /** A client of a role of the stream; throws when Firehose can't assume it. */
  readonly client: <C extends { destroy(): void }>(
    Client: new (config: ClientConfig) => C,
    roleArn: string,
  ) => C;
  readonly stopping: AbortSignal;
  readonly emit: (name: string, detail: Record<string, unknown>) => void;
  readonly delivered: (object: Delivered) => void;
}

/** Writes a buffer's records as objects to S3. */
export class Delivery {
  readonly #options: DeliveryOptions;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /**
   * Puts one object of these records.
   * @returns lines for the error output, of records that could not be converted
   */
  async deliver(purpose: BufferPurpose, records: readonly KeptRecord[]): Promise<Buffer[]> {
    const { data, errors, backup = data, conversion } = this.#options.settings;
    const bodies = records.map((record) => record.data);
    const oldestArrivalMs = Math.min(...records.map(({ arrivedAtMs }) => arrivedAtMs));
    if (purpose.kind === "data" && conversion)
      return await this.#deliverRows(conversion, purpose.partitionKeys, oldestArrivalMs, records);

    const content = { body: Buffer.concat(bodies), oldestArrivalMs };
    if (purpose.kind === "error") {
      const key = await this.#put(
        errors,
        "error",
        { ...content, errorOutputType: purpose.type },
        records.length,
      );
      for (const [errorCode, count] of countByErrorCode(bodies))
        this.#options.emit("records-failed", { errorCode, count, bucket: errors.bucket, key });
    } else if (purpose.kind === "backup") {
      const key = await this.#put(backup, "backup", content, records.length);
      this.#options.emit("backup-delivered", { bucket: backup.bucket, key, records: records.length });
    } else if (purpose.kind === "data") {
      const { partitionKeys } = purpose;
      const key = await this.#put(data, "data", { ...content, partitionKeys }, records.length);
      this.#options.emit("object-delivered", { bucket: data.bucket, key, rows: records.length });
    }
    return [];
  }

  /**
   * The columns of the Glue table that rows are made for, read with the schema's role.
   * @throws OperatorError that names the table
   */
  async readColumns({ roleArn, databaseName, tableName, catalogId }: Conversion): Promise<HiveField[]> {
    try {
      const glue = this.#options.client(GlueClient, roleArn);
      const command = new GetTableCommand({
        CatalogId: catalogId,
        DatabaseName: databaseName,
        Name: tableName,
      });
      const { Table } = await glue.send(command, { abortSignal: this.#options.stopping });
      return columnsOf(Table?.StorageDescriptor?.Columns);
    } catch (error) {
      const message = `the Glue table ${databaseName}.${tableName} can't be used: ${errorMessage(error)}`;
      throw new OperatorError(message, { cause: error });
    }
  }

  async #deliverRows(
    conversion: Conversion,
    partitionKeys: Readonly<Record<string, string>>,
    oldestArrivalMs: number,
    records: readonly KeptRecord[],
  ): Promise<Buffer[]> {
    const { cloud, settings, emit } = this.#options;
    const columns = await this.readColumns(conversion);
    const folder = join(cloud.dataFolder, "firehose", "conversions", randomId());
    const { parquet, rows, converted, failed } = await convert(records, columns, conversion, folder);
    if (parquet) {
      const content = { body: parquet, oldestArrivalMs, partitionKeys, format: PARQUET_FORMAT };
      const key = await this.#put(settings.data, "data", content, converted);
      emit("object-delivered", { bucket: settings.data.bucket, key, rows });
    }
    const table = {
      catalogId: conversion.catalogId ?? cloud.accountId,
      databaseName: conversion.databaseName,
      tableName: conversion.tableName,
      region: cloud.region,
      versionId: "LATEST",
    };
    return failed.map((one) => conversionFailedLine(one, cloud.clock.now(), table));
  }

  async #put(
    output: S3Output,
    kind: Delivered["kind"],
    content: ObjectContent,
    records: number,
  ): Promise<string> {
    const { client, description, stopping, delivered } = this.#options;
    const s3 = client(SingleAttemptS3Client, output.roleArn);
    const key = await writeObject(s3, output, content, description, stopping);
    delivered({ kind, bucket: output.bucket, key, records });
    return key;
  }
}
