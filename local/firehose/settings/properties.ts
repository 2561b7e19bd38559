import * as v from "valibot";
import { flag, wholeNumber } from "../../template/properties.ts";
import { streamName } from "../inputs.ts";

const arn = v.pipe(v.string(), v.regex(/^arn:[^:]+:[^:]+:[^:]*:[^:]*:.+/, "expected an ARN"));
const word = v.pipe(v.string(), v.regex(/^\S{1,1024}$/, "expected 1 to 1024 characters without whitespace"));
const prefixText = v.pipe(v.string(), v.maxLength(1024));

const bufferingHints = v.strictObject({
  SizeInMBs: v.optional(wholeNumber(1, 128)),
  IntervalInSeconds: v.optional(wholeNumber(0, 900)),
});
const compressionFormat = v.picklist(["UNCOMPRESSED", "GZIP", "ZIP", "Snappy", "HADOOP_SNAPPY"]);
const logging = v.strictObject({
  Enabled: v.optional(flag),
  LogGroupName: v.optional(v.string()),
  LogStreamName: v.optional(v.string()),
});
const encryption = v.strictObject({
  KMSEncryptionConfig: v.optional(v.strictObject({ AWSKMSKeyARN: arn })),
  NoEncryptionConfig: v.optional(v.literal("NoEncryption")),
});

const processing = v.strictObject({
  Enabled: v.optional(flag, false),
  Processors: v.optional(
    v.pipe(
      v.array(
        v.strictObject({
          Type: v.string(),
          Parameters: v.optional(
            v.array(
              v.strictObject({
                ParameterName: v.string(),
                ParameterValue: v.pipe(v.union([v.string(), v.number()]), v.transform(String)),
              }),
            ),
            [],
          ),
        }),
      ),
      v.maxLength(5),
    ),
    [],
  ),
});

const conversion = v.strictObject({
  Enabled: v.optional(flag, true),
  SchemaConfiguration: v.optional(
    v.strictObject({
      RoleARN: v.optional(arn),
      DatabaseName: v.optional(word),
      TableName: v.optional(word),
      CatalogId: v.optional(word),
      Region: v.optional(word),
      VersionId: v.optional(word),
    }),
  ),
  InputFormatConfiguration: v.optional(
    v.strictObject({
      Deserializer: v.strictObject({
        OpenXJsonSerDe: v.optional(
          v.strictObject({
            CaseInsensitive: v.optional(flag, true),
            ConvertDotsInJsonKeysToUnderscores: v.optional(flag, false),
            ColumnToJsonKeyMappings: v.optional(v.record(word, v.string()), {}),
          }),
        ),
      }),
    }),
  ),
  OutputFormatConfiguration: v.optional(
    v.strictObject({
      Serializer: v.strictObject({
        ParquetSerDe: v.optional(
          v.strictObject({
            Compression: v.optional(v.picklist(["SNAPPY", "GZIP", "UNCOMPRESSED"]), "SNAPPY"),
            BlockSizeBytes: v.optional(wholeNumber(67_108_864, Number.MAX_SAFE_INTEGER), 268_435_456),
            PageSizeBytes: v.optional(wholeNumber(65_536, Number.MAX_SAFE_INTEGER)),
            /** The default is unconfirmed; parquet-mr, which AWS uses, encodes dictionaries. */
            EnableDictionaryCompression: v.optional(flag, true),
            MaxPaddingBytes: v.optional(wholeNumber(0, Number.MAX_SAFE_INTEGER)),
            WriterVersion: v.optional(v.picklist(["V1", "V2"]), "V1"),
          }),
        ),
      }),
    }),
  ),
});

const s3Entries = {
  BucketARN: v.pipe(v.string(), v.regex(/^arn:[^:]+:s3:::[\w.-]{1,255}$/, "expected the ARN of a bucket")),
  RoleARN: arn,
  Prefix: v.optional(prefixText),
  ErrorOutputPrefix: v.optional(prefixText),
  BufferingHints: v.optional(bufferingHints),
  CompressionFormat: v.optional(compressionFormat, "UNCOMPRESSED"),
  CloudWatchLoggingOptions: v.optional(logging),
  EncryptionConfiguration: v.optional(encryption),
};

const extendedS3 = v.strictObject({
  ...s3Entries,
  CustomTimeZone: v.optional(v.string(), "UTC"),
  FileExtension: v.optional(
    v.pipe(v.string(), v.maxLength(128), v.regex(/^(|\.[0-9a-z!\-_.*'()]+)$/, "expected e.g. .json")),
    "",
  ),
  DynamicPartitioningConfiguration: v.optional(
    v.strictObject({
      Enabled: v.optional(flag),
      RetryOptions: v.optional(v.strictObject({ DurationInSeconds: v.optional(wholeNumber(0, 7200)) })),
    }),
  ),
  ProcessingConfiguration: v.optional(processing),
  DataFormatConversionConfiguration: v.optional(conversion),
  S3BackupMode: v.optional(v.picklist(["Disabled", "Enabled"]), "Disabled"),
  S3BackupConfiguration: v.optional(v.strictObject(s3Entries)),
});

/** Properties of `AWS::KinesisFirehose::DeliveryStream` (documented: CloudFormation reference). */
export const deliveryStreamProperties = v.strictObject({
  DeliveryStreamName: v.optional(streamName),
  DeliveryStreamType: v.optional(v.literal("DirectPut", "only DirectPut is emulated"), "DirectPut"),
  DeliveryStreamEncryptionConfigurationInput: v.optional(
    v.strictObject({
      KeyType: v.picklist(["AWS_OWNED_CMK", "CUSTOMER_MANAGED_CMK"]),
      KeyARN: v.optional(arn),
    }),
  ),
  Tags: v.optional(v.array(v.strictObject({ Key: v.string(), Value: v.optional(v.string()) }))),
  ExtendedS3DestinationConfiguration: extendedS3,
});

/** The properties with their defaults. */
export type StreamProperties = v.InferOutput<typeof deliveryStreamProperties>;
export type ExtendedS3Properties = v.InferOutput<typeof extendedS3>;
export type S3Properties = NonNullable<ExtendedS3Properties["S3BackupConfiguration"]>;
export type ConversionProperties = NonNullable<ExtendedS3Properties["DataFormatConversionConfiguration"]>;
export type ProcessingProperties = NonNullable<ExtendedS3Properties["ProcessingConfiguration"]>;
