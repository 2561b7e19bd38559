import { join } from "node:path";
import { GetTableCommand, GlueClient } from "@aws-sdk/client-glue";
import { errorMessage } from "../../../base/errors.ts";
import { randomId } from "../../../base/random.ts";
import type { ClientConfig, Cloud } from "../../cloud.ts";
import { OperatorError } from "../../errors.ts";
import type { ColumnField } from "../../glue/column-type.ts";
import type { BufferPurpose } from "../buffers/buffer-names.ts";
import { SingleAttemptS3Client } from "../clients.ts";
import { columnsOf, convert } from "../conversion/convert.ts";
import { conversionFailedLine, countByErrorCode } from "./error-lines.ts";
import type { ErrorEntry } from "./error-log.ts";
import { PARQUET_FORMAT, writeObject, type ObjectContent } from "./object-writer.ts";
import type { StoredRecord } from "../buffers/record-store.ts";
import type { Conversion, S3Output, StreamSettings } from "../settings/settings.ts";
import type { DeliveredObject, StreamDescription } from "../stream-description.ts";

interface DeliveryOptions {
  readonly cloud: Cloud;
  readonly description: StreamDescription;
  readonly settings: StreamSettings;
  /** A client with a role of the stream; throws when Firehose can't assume the role. */
  readonly client: <C extends { destroy(): void }>(
    Client: new (config: ClientConfig) => C,
    roleArn: string,
  ) => C;
  readonly stopping: AbortSignal;
  readonly emit: (name: string, detail: Record<string, unknown>) => void;
  /** Writes to the error log of the destination. */
  readonly log: (entry: ErrorEntry) => void;
  readonly delivered: (object: DeliveredObject) => void;
}

/** Writes a buffer's records as objects to S3. */
export class Delivery {
  readonly #options: DeliveryOptions;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /**
   * Writes records to S3 as one object.
   * @returns lines for the error output, one for each record that could not be converted
   */
  async deliver(purpose: BufferPurpose, records: readonly StoredRecord[]): Promise<Buffer[]> {
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
      for (const [errorCode, count] of countByErrorCode(bodies)) {
        this.#options.emit("records-failed", { errorCode, count, bucket: errors.bucket, key });
        this.#options.log({ errorCode, message: `${count} records are in s3://${errors.bucket}/${key}` });
      }
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
   * Reads the columns of the conversion's Glue table, with the role of its schema.
   * @throws OperatorError that names the table
   */
  async readColumns({ roleArn, databaseName, tableName, catalogId }: Conversion): Promise<ColumnField[]> {
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
    records: readonly StoredRecord[],
  ): Promise<Buffer[]> {
    const { cloud, settings, emit } = this.#options;
    const columns = await this.readColumns(conversion);
    const folder = join(cloud.dataFolder, "firehose", "conversions", randomId());
    const options = { ...conversion, isPartitioned: settings.partitionKeys !== undefined };
    const { parquet, rows, converted, failed } = await convert(records, columns, options, folder);
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
    kind: DeliveredObject["kind"],
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
