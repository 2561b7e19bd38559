import { describe, expect, test } from "@jest/globals";
import { deliveryStreamProperties } from "../../../local/firehose/settings/properties.ts";
import { settingsOf } from "../../../local/firehose/settings/settings.ts";
import { parseProperties } from "../../../local/template/properties.ts";

const ROLE = "arn:aws:iam::000000000000:role/deliver";
const LAMBDA = "arn:aws:lambda:us-east-1:000000000000:function:transform";

const lambda = (parameters: Record<string, string> = {}) => ({
  Enabled: true,
  Processors: [
    {
      Type: "Lambda",
      Parameters: Object.entries({ LambdaArn: LAMBDA, ...parameters }).map(
        ([ParameterName, ParameterValue]) => ({
          ParameterName,
          ParameterValue,
        }),
      ),
    },
  ],
});

const conversion = (schema = {}) => ({
  SchemaConfiguration: { RoleARN: ROLE, DatabaseName: "doorstep", TableName: "rows", ...schema },
  InputFormatConfiguration: { Deserializer: { OpenXJsonSerDe: {} } },
  OutputFormatConfiguration: { Serializer: { ParquetSerDe: {} } },
});

const settings = (destination: object) =>
  settingsOf(
    parseProperties(deliveryStreamProperties, {
      ExtendedS3DestinationConfiguration: { BucketARN: "arn:aws:s3:::lake", RoleARN: ROLE, ...destination },
    }).ExtendedS3DestinationConfiguration,
    "us-east-1",
  );

const partitioned = {
  Prefix: "dt=!{partitionKeyFromLambda:dt}/",
  ErrorOutputPrefix: "errors/!{firehose:error-output-type}/",
  BufferingHints: { SizeInMBs: 64, IntervalInSeconds: 60 },
  DynamicPartitioningConfiguration: { Enabled: true },
  ProcessingConfiguration: lambda(),
};

describe("the properties of a delivery stream", () => {
  test.each([
    [{ Compression: "GZIP" }, "ExtendedS3DestinationConfiguration.Compression is not emulated"],
    [
      { BufferingHints: { SizeInMB: 5 } },
      "ExtendedS3DestinationConfiguration.BufferingHints.SizeInMB is not emulated",
    ],
    [
      { ProcessingConfiguration: { Processors: [{ Type: "Lambda", Retries: 3 }] } },
      "ExtendedS3DestinationConfiguration.ProcessingConfiguration.Processors[0].Retries is not emulated",
    ],
    [
      {
        DataFormatConversionConfiguration: {
          InputFormatConfiguration: { Deserializer: { HiveJsonSerDe: {} } },
        },
      },
      "ExtendedS3DestinationConfiguration.DataFormatConversionConfiguration.InputFormatConfiguration.Deserializer.HiveJsonSerDe is not emulated",
    ],
    [
      { BufferingHints: { SizeInMBs: 129 } },
      "ExtendedS3DestinationConfiguration.BufferingHints.SizeInMBs: Invalid value: Expected <=128 but received 129",
    ],
  ])("that are unknown or invalid are refused by name: %j", (destination, message) => {
    expect(() => settings(destination)).toThrow(new Error(message));
  });

  test("apply ParquetSerDe's parameters or refuse them by name", () => {
    const conversion = (ParquetSerDe: object) =>
      settings({
        DataFormatConversionConfiguration: {
          SchemaConfiguration: { RoleARN: ROLE, DatabaseName: "doorstep", TableName: "records" },
          InputFormatConfiguration: { Deserializer: { OpenXJsonSerDe: {} } },
          OutputFormatConfiguration: { Serializer: { ParquetSerDe } },
        },
      }).conversion;
    const defaults = {
      compression: "SNAPPY",
      writerVersion: "V1",
      blockSizeBytes: 268_435_456,
      isDictionaryEncoded: true,
    };
    expect(conversion({})).toMatchObject(defaults);
    expect(conversion({ PageSizeBytes: 1_048_576, MaxPaddingBytes: 0 })).toMatchObject(defaults);
    expect(
      conversion({
        Compression: "GZIP",
        WriterVersion: "V2",
        BlockSizeBytes: 67_108_864,
        EnableDictionaryCompression: false,
      }),
    ).toMatchObject({
      compression: "GZIP",
      writerVersion: "V2",
      blockSizeBytes: 67_108_864,
      isDictionaryEncoded: false,
    });
    const where = "ExtendedS3DestinationConfiguration.DataFormatConversionConfiguration: ParquetSerDe";
    expect(() => conversion({ PageSizeBytes: 65_536 })).toThrow(
      new Error(`${where}.PageSizeBytes 65536 is not emulated; leave it at 1048576`),
    );
    expect(() => conversion({ MaxPaddingBytes: 8 })).toThrow(
      new Error(`${where}.MaxPaddingBytes 8 is not emulated, it is for HDFS; leave it at 0`),
    );
    expect(() => conversion({ BlockSizeBytes: 1 })).toThrow(
      /BlockSizeBytes: Invalid value: Expected >=67108864/,
    );
  });

  test("accept numbers and booleans as text", () => {
    const { data } = settings({ BufferingHints: { SizeInMBs: "3", IntervalInSeconds: "120" } });
    expect([data.bufferSizeBytes, data.bufferIntervalMs]).toEqual([3_145_728, 120_000]);
  });

  test("default to 5 MiB and 300 s, to 128 MiB with conversion, and to a processor buffer of 1 MiB and 60 s", () => {
    const plain = settings({});
    expect([plain.data.bufferSizeBytes, plain.data.bufferIntervalMs]).toEqual([5_242_880, 300_000]);
    expect(settings({ DataFormatConversionConfiguration: conversion() }).data.bufferSizeBytes).toBe(
      134_217_728,
    );
    expect(settings({ ProcessingConfiguration: lambda() }).lambda).toEqual({
      functionArn: LAMBDA,
      roleArn: ROLE,
      retries: 3,
      bufferSizeBytes: 1_048_576,
      bufferIntervalMs: 60_000,
    });
  });

  test("disable processing by default", () => {
    expect(settings({ ProcessingConfiguration: { Processors: lambda().Processors } }).lambda).toBeUndefined();
  });

  test("determine the partition keys", () => {
    expect(settings(partitioned).partitionKeys).toEqual(["dt"]);
    expect(settings({}).partitionKeys).toBeUndefined();
  });

  test.each([
    [
      { ...partitioned, BufferingHints: { SizeInMBs: 63, IntervalInSeconds: 60 } },
      "BufferingHints: SizeInMBs must be at least 64 when Dynamic Partitioning is enabled.",
    ],
    [
      { ...partitioned, BufferingHints: { SizeInMBs: 64, IntervalInSeconds: 59 } },
      "BufferingHints: IntervalInSeconds must be at least 60 seconds when Dynamic Partitioning is enabled.",
    ],
    [
      {
        BufferingHints: { SizeInMBs: 63, IntervalInSeconds: 0 },
        DataFormatConversionConfiguration: conversion(),
      },
      "BufferingHints: SizeInMBs must be at least 64 when data format conversion is enabled",
    ],
    [
      { CompressionFormat: "GZIP", DataFormatConversionConfiguration: conversion() },
      "CompressionFormat: must be UNCOMPRESSED when data format conversion is enabled",
    ],
    [
      { BufferingHints: { SizeInMBs: 5 } },
      "BufferingHints: SizeInMBs and IntervalInSeconds must be given together",
    ],
    [
      { ...partitioned, Prefix: "dt=!{timestamp:yyyy}/" },
      "Prefix: must use !{partitionKeyFromLambda:…} when dynamic partitioning is enabled",
    ],
    [
      { ...partitioned, DynamicPartitioningConfiguration: { Enabled: false } },
      "Prefix: may use !{partitionKeyFromLambda:…} only when dynamic partitioning is enabled",
    ],
    [
      { ...partitioned, ProcessingConfiguration: undefined },
      "DynamicPartitioningConfiguration: needs a Lambda processor that returns partitionKeys",
    ],
    [
      { ErrorOutputPrefix: "e/!{partitionKeyFromLambda:dt}/!{firehose:error-output-type}/" },
      "ErrorOutputPrefix: must not use !{partitionKeyFromLambda:…}",
    ],
    [
      { ErrorOutputPrefix: "e/!{timestamp:yyyy}/" },
      "ErrorOutputPrefix: its expressions must include !{firehose:error-output-type}",
    ],
    [
      { Prefix: "!{timestamp:yyyy}/" },
      "ErrorOutputPrefix: must be specified when Prefix contains expressions",
    ],
    [
      { Prefix: "!{firehose:error-output-type}/", ErrorOutputPrefix: "e/" },
      "Prefix: !{firehose:error-output-type} belongs in ErrorOutputPrefix only",
    ],
    [
      { CompressionFormat: "Snappy" },
      "CompressionFormat: Snappy is not emulated; use UNCOMPRESSED, GZIP or ZIP",
    ],
    [{ CustomTimeZone: "Mars/Base" }, "CustomTimeZone: Mars/Base is not a time zone"],
    [{ S3BackupMode: "Enabled" }, "S3BackupConfiguration: must be given when S3BackupMode is Enabled"],
    [
      { ProcessingConfiguration: { Enabled: true, Processors: [{ Type: "MetadataExtraction" }] } },
      "ProcessingConfiguration.Processors: the type MetadataExtraction is not emulated; expected Lambda",
    ],
    [
      { ProcessingConfiguration: lambda({ BufferSizeInMBs: "4", BufferIntervalInSeconds: "60" }) },
      "ProcessingConfiguration.Processors: BufferSizeInMBs is 4; expected 0.2 to 3",
    ],
    [
      { ProcessingConfiguration: lambda({ BufferSizeInMBs: "1" }) },
      "ProcessingConfiguration.Processors: BufferSizeInMBs and BufferIntervalInSeconds must be given together",
    ],
    [
      { ProcessingConfiguration: lambda({ Speed: "high" }) },
      "ProcessingConfiguration.Processors: the parameter Speed is not emulated",
    ],
    [
      { DataFormatConversionConfiguration: conversion({ Region: "eu-west-1" }) },
      "DataFormatConversionConfiguration: SchemaConfiguration.Region is eu-west-1; the local cloud is in us-east-1",
    ],
    [
      { DataFormatConversionConfiguration: { ...conversion(), SchemaConfiguration: undefined } },
      "DataFormatConversionConfiguration: SchemaConfiguration needs RoleARN, DatabaseName and TableName",
    ],
  ])("follow AWS's rules at creation: %#", (destination, message) => {
    expect(() => settings(destination)).toThrow(new Error(`ExtendedS3DestinationConfiguration.${message}`));
  });
});
