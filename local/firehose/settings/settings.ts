import { SECOND_MS } from "../../../base/durations.ts";
import { errorMessage } from "../../../base/errors.ts";
import { isTimeZone } from "../../../base/time-zone.ts";
import { OperatorError } from "../../errors.ts";
import type { OpenXOptions } from "../conversion/open-x-json.ts";
import type { ParquetOptions } from "../conversion/parquet.ts";
import * as prefixes from "./prefix.ts";
import type { Prefix } from "./prefix.ts";
import type {
  ConversionProperties,
  ExtendedS3Properties,
  ProcessingProperties,
  S3Properties,
} from "./properties.ts";

export type Compression = "UNCOMPRESSED" | "GZIP" | "ZIP";

/** Where and how one kind of object is written. */
export interface S3Output {
  readonly bucket: string;
  readonly roleArn: string;
  readonly prefix: Prefix;
  readonly bufferSizeBytes: number;
  readonly bufferIntervalMs: number;
  readonly compression: Compression;
  /** Replaces the extension of the compression, unless empty. */
  readonly fileExtension: string;
  readonly timeZone: string;
  /** Where errors are logged; undefined if they are not. */
  readonly errorLog: { readonly group: string; readonly stream: string } | undefined;
}

export interface LambdaProcessor {
  readonly functionArn: string;
  readonly roleArn: string;
  readonly retries: number;
  readonly bufferSizeBytes: number;
  readonly bufferIntervalMs: number;
}

/** The Glue table of the rows, and how JSON is read and Parquet written. */
export interface Conversion extends OpenXOptions, ParquetOptions {
  readonly roleArn: string;
  readonly databaseName: string;
  readonly tableName: string;
  readonly catalogId: string | undefined;
}

/** How a delivery stream processes and delivers its records. */
export interface StreamSettings {
  readonly data: S3Output;
  readonly errors: S3Output;
  readonly backup: S3Output | undefined;
  readonly lambda: LambdaProcessor | undefined;
  readonly conversion: Conversion | undefined;
  /** Keys by which records are partitioned; undefined without dynamic partitioning. */
  readonly partitionKeys: readonly string[] | undefined;
}

const MIB = 1024 * 1024;

/**
 * Reads a destination's properties, with the rules between them that AWS applies when it creates a stream.
 * @throws OperatorError that names the property and the rule
 */
export function settingsOf(properties: ExtendedS3Properties, region: string): StreamSettings {
  const isPartitioned = properties.DynamicPartitioningConfiguration?.Enabled === true;
  const conversion = conversionOf(properties.DataFormatConversionConfiguration, region);
  const lambda = lambdaOf(properties.ProcessingConfiguration, properties.RoleARN);
  const { CustomTimeZone: timeZone, FileExtension: fileExtension } = properties;
  if (!isTimeZone(timeZone)) refuse("CustomTimeZone", `${timeZone} is not a time zone`);

  const hints = hintsOf("BufferingHints", properties.BufferingHints, conversion || isPartitioned ? 128 : 5);
  if (isPartitioned && hints.sizeMib < 64)
    refuse("BufferingHints", "SizeInMBs must be at least 64 when Dynamic Partitioning is enabled.");
  if (isPartitioned && hints.intervalSeconds < 60)
    refuse(
      "BufferingHints",
      "IntervalInSeconds must be at least 60 seconds when Dynamic Partitioning is enabled.",
    );
  if (conversion && hints.sizeMib < 64)
    refuse("BufferingHints", "SizeInMBs must be at least 64 when data format conversion is enabled");
  if (conversion && properties.CompressionFormat !== "UNCOMPRESSED")
    refuse("CompressionFormat", "must be UNCOMPRESSED when data format conversion is enabled");
  if (isPartitioned && !lambda)
    refuse("DynamicPartitioningConfiguration", "needs a Lambda processor that returns partitionKeys");

  const { prefix, errors } = prefixesOf("", properties, isPartitioned);
  const shared = {
    bucket: bucketOf(properties.BucketARN),
    roleArn: properties.RoleARN,
    bufferSizeBytes: hints.sizeMib * MIB,
    bufferIntervalMs: hints.intervalSeconds * SECOND_MS,
    compression: compressionOf("CompressionFormat", properties.CompressionFormat),
    timeZone,
    errorLog: errorLogOf("", properties),
  };
  return {
    data: { ...shared, prefix: prefixes.dataPrefix(prefix), fileExtension },
    errors: { ...shared, prefix: prefixes.errorPrefix(errors, prefix), fileExtension: "" },
    backup:
      properties.S3BackupMode === "Enabled"
        ? backupOf(properties.S3BackupConfiguration, timeZone)
        : undefined,
    lambda,
    conversion,
    partitionKeys: isPartitioned ? prefixes.partitionKeysOf(prefix) : undefined,
  };
}

function refuse(property: string, problem: string): never {
  throw new OperatorError(`ExtendedS3DestinationConfiguration.${property}: ${problem}`);
}

const bucketOf = (arn: string): string => arn.split(":::")[1]!;

function compressionOf(property: string, format: S3Properties["CompressionFormat"]): Compression {
  if (format === "Snappy" || format === "HADOOP_SNAPPY")
    refuse(property, `${format} is not emulated; use UNCOMPRESSED, GZIP or ZIP`);
  return format;
}

function hintsOf(property: string, hints: S3Properties["BufferingHints"], defaultSizeMib: number) {
  const { SizeInMBs: size, IntervalInSeconds: interval } = hints ?? {};
  if ((size === undefined) !== (interval === undefined))
    refuse(property, "SizeInMBs and IntervalInSeconds must be given together");
  return { sizeMib: size ?? defaultSizeMib, intervalSeconds: interval ?? 300 };
}

/** The rules of prefixes (documented: Firehose guide, "Custom prefixes for Amazon S3 objects"; the rest observed). */
function prefixesOf(owner: string, properties: S3Properties, isPartitioned: boolean) {
  const parse = (property: "Prefix" | "ErrorOutputPrefix"): Prefix | undefined => {
    try {
      const text = properties[property];
      return text === undefined ? undefined : prefixes.parsePrefix(text);
    } catch (error) {
      return refuse(owner + property, errorMessage(error));
    }
  };
  const prefix = parse("Prefix") ?? [];
  const errors = parse("ErrorOutputPrefix");
  if (prefixes.has(prefix, "error-output-type"))
    refuse(`${owner}Prefix`, "!{firehose:error-output-type} belongs in ErrorOutputPrefix only");
  if (prefixes.hasExpression(prefix) && errors === undefined)
    refuse(`${owner}ErrorOutputPrefix`, "must be specified when Prefix contains expressions");
  if (isPartitioned && !prefixes.has(prefix, "partition-key"))
    refuse(`${owner}Prefix`, "must use !{partitionKeyFromLambda:…} when dynamic partitioning is enabled");
  if (!isPartitioned && prefixes.has(prefix, "partition-key"))
    refuse(`${owner}Prefix`, "may use !{partitionKeyFromLambda:…} only when dynamic partitioning is enabled");
  if (errors && prefixes.has(errors, "partition-key"))
    refuse(`${owner}ErrorOutputPrefix`, "must not use !{partitionKeyFromLambda:…}");
  if (errors && prefixes.hasExpression(errors) && !prefixes.has(errors, "error-output-type"))
    refuse(`${owner}ErrorOutputPrefix`, "its expressions must include !{firehose:error-output-type}");
  return { prefix, errors };
}

function backupOf(properties: S3Properties | undefined, timeZone: string): S3Output {
  if (!properties) refuse("S3BackupConfiguration", "must be given when S3BackupMode is Enabled");
  const owner = "S3BackupConfiguration.";
  const hints = hintsOf(`${owner}BufferingHints`, properties.BufferingHints, 5);
  if (hints.intervalSeconds < 60) refuse(`${owner}BufferingHints`, "IntervalInSeconds must be at least 60");
  return {
    bucket: bucketOf(properties.BucketARN),
    roleArn: properties.RoleARN,
    prefix: prefixes.dataPrefix(prefixesOf(owner, properties, false).prefix),
    bufferSizeBytes: hints.sizeMib * MIB,
    bufferIntervalMs: hints.intervalSeconds * SECOND_MS,
    compression: compressionOf(`${owner}CompressionFormat`, properties.CompressionFormat),
    fileExtension: "",
    timeZone,
    errorLog: errorLogOf(owner, properties),
  };
}

/** The log group and stream must exist and be named when logging is enabled (documented: API, CloudWatchLoggingOptions). */
function errorLogOf(
  owner: string,
  { CloudWatchLoggingOptions: options }: S3Properties,
): S3Output["errorLog"] {
  if (!options?.Enabled) return undefined;
  const { LogGroupName: group, LogStreamName: stream } = options;
  if (!group || !stream)
    refuse(`${owner}CloudWatchLoggingOptions`, "needs LogGroupName and LogStreamName when Enabled is true");
  return { group, stream };
}

/** @throws OperatorError for any processor but one Lambda, and for parameters out of range (documented: API) */
function lambdaOf(
  processing: ProcessingProperties | undefined,
  roleArn: string,
): LambdaProcessor | undefined {
  if (!processing?.Enabled) return undefined;
  const where = "ProcessingConfiguration.Processors";
  const [processor, ...others] = processing.Processors;
  if (!processor) refuse(where, "must have 1 to 5 processors when processing is enabled");
  for (const { Type } of processing.Processors)
    if (Type !== "Lambda") refuse(where, `the type ${Type} is not emulated; expected Lambda`);
  if (others.length > 0) refuse(where, "at most one may be of type Lambda");
  const parameters = new Map(processor.Parameters.map((one) => [one.ParameterName, one.ParameterValue]));
  const take = (name: string): string | undefined => {
    const value = parameters.get(name);
    parameters.delete(name);
    return value;
  };
  const amount = (name: string, fallback: number, min: number, max: number): number => {
    const text = take(name) ?? String(fallback);
    const value = Number(text);
    if (!text.trim() || !(value >= min && value <= max))
      refuse(where, `${name} is ${text}; expected ${min} to ${max}`);
    return value;
  };
  if (parameters.has("BufferSizeInMBs") !== parameters.has("BufferIntervalInSeconds"))
    refuse(where, "BufferSizeInMBs and BufferIntervalInSeconds must be given together");
  const functionArn = take("LambdaArn");
  if (!functionArn) refuse(where, "LambdaArn is missing");
  const settings = {
    functionArn,
    roleArn: take("RoleArn") ?? roleArn,
    retries: Math.floor(amount("NumberOfRetries", 3, 0, 300)),
    bufferSizeBytes: Math.floor(amount("BufferSizeInMBs", 1, 0.2, 3) * MIB),
    bufferIntervalMs: amount("BufferIntervalInSeconds", 60, 0, 900) * SECOND_MS,
  };
  for (const name of parameters.keys()) refuse(where, `the parameter ${name} is not emulated`);
  return settings;
}

function conversionOf(properties: ConversionProperties | undefined, region: string): Conversion | undefined {
  if (!properties?.Enabled) return undefined;
  const where = "DataFormatConversionConfiguration";
  const { SchemaConfiguration: schema } = properties;
  if (!schema?.RoleARN || !schema.DatabaseName || !schema.TableName)
    refuse(where, "SchemaConfiguration needs RoleARN, DatabaseName and TableName");
  if (schema.Region && schema.Region !== region)
    refuse(where, `SchemaConfiguration.Region is ${schema.Region}; the local cloud is in ${region}`);
  if (schema.VersionId && schema.VersionId !== "LATEST")
    refuse(where, `SchemaConfiguration.VersionId ${schema.VersionId} is not emulated; use LATEST`);
  const openX = properties.InputFormatConfiguration?.Deserializer.OpenXJsonSerDe;
  if (!openX) refuse(where, "InputFormatConfiguration.Deserializer must have an OpenXJsonSerDe");
  const parquet = properties.OutputFormatConfiguration?.Serializer.ParquetSerDe;
  if (!parquet) refuse(where, "OutputFormatConfiguration.Serializer must have a ParquetSerDe");
  const { PageSizeBytes: pageSize, MaxPaddingBytes: padding } = parquet;
  if (pageSize !== undefined && pageSize !== MIB)
    refuse(where, `ParquetSerDe.PageSizeBytes ${pageSize} is not emulated; leave it at ${MIB}`);
  if (padding !== undefined && padding !== 0)
    refuse(where, `ParquetSerDe.MaxPaddingBytes ${padding} is not emulated, it is for HDFS; leave it at 0`);
  return {
    roleArn: schema.RoleARN,
    databaseName: schema.DatabaseName,
    tableName: schema.TableName,
    catalogId: schema.CatalogId,
    isCaseInsensitive: openX.CaseInsensitive,
    dotsBecomeUnderscores: openX.ConvertDotsInJsonKeysToUnderscores,
    keyOfColumn: openX.ColumnToJsonKeyMappings,
    compression: parquet.Compression,
    writerVersion: parquet.WriterVersion,
    blockSizeBytes: parquet.BlockSizeBytes,
    isDictionaryEncoded: parquet.EnableDictionaryCompression,
  };
}
