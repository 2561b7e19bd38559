import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { DuckDBInstance } from "@duckdb/node-api";
import type { Call } from "../../../local/api/api.ts";
import { readBody } from "../../../local/api/body.ts";
import type { Cloud } from "../../../local/cloud.ts";
import type { Service } from "../../../local/service.ts";
import { objectPath } from "../../../local/s3/object-path.ts";
import type { TestCloud } from "../cloud.ts";

export interface ProcessorEvent {
  invocationId: string;
  deliveryStreamArn: string;
  region: string;
  records: { recordId: string; approximateArrivalTimestamp: number; data: string }[];
}

/** The result of a function of the Lambda substitute: its response, or an error that it threw. */
type Result = { response: unknown } | { error: string };
export type Handler = (event: ProcessorEvent) => Result | Promise<Result>;

export const FUNCTION_ARN = "arn:aws:lambda:us-east-1:000000000000:function:transform";

/** A substitute for AWS Lambda, with one function that runs in the test's process. */
export function substituteLambda(): Service & { handler: Handler; events: ProcessorEvent[]; reset(): void } {
  const double = {
    name: "substitute-lambda",
    events: [] as ProcessorEvent[],
    handler: returnAll as Handler,
    reset: () => {
      double.events.length = 0;
      double.handler = returnAll;
    },
    start: (cloud: Cloud) => ({
      apis: [
        {
          signingName: "lambda",
          protocol: "rest-json" as const,
          actions: ["Invoke"],
          handle: async (call: Call) => {
            cloud.access.authorise(call.caller, "lambda:InvokeFunction", FUNCTION_ARN);
            const event = JSON.parse(String(await readBody(call.body, 6 * 1024 * 1024))) as ProcessorEvent;
            double.events.push(event);
            const result = await double.handler(event);
            if ("error" in result) call.response.setHeader("x-amz-function-error", "Unhandled");
            call.response.end(
              JSON.stringify("error" in result ? { errorMessage: result.error } : result.response),
            );
          },
        },
      ],
    }),
  };
  return double;
}

/** Returns every record unchanged. */
const returnAll: Handler = ({ records }) => ({
  response: { records: records.map(({ recordId, data }) => ({ recordId, result: "Ok", data })) },
});

/** Returns every record unchanged, partitioned by its members `dt` and `hour`. */
export const partitionByHour: Handler = ({ records }) => ({
  response: {
    records: records.map(({ recordId, data }) => {
      const { dt, hour } = JSON.parse(Buffer.from(data, "base64").toString()) as Record<string, unknown>;
      return { recordId, result: "Ok", data, metadata: { partitionKeys: { dt, hour } } };
    }),
  },
});

export const bytes = (value: unknown): Buffer =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value));

/** Keys and text of a bucket's objects, ordered by key. */
export async function objectsIn(local: TestCloud, Bucket: string): Promise<{ key: string; text: string }[]> {
  const s3 = local.client(S3Client);
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
  return await Promise.all(
    Contents.map(async ({ Key }) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      return { key: Key!, text: await Body!.transformToString() };
    }),
  );
}

/** The rows of a SQL query over a Parquet object; `FILE` in it stands for the object. */
export async function queryParquet(local: TestCloud, key: string, sql: string): Promise<unknown[]> {
  return await queryFile(objectPath(local.cloud.dataFolder, "lake", key), sql);
}

export async function queryFile(file: string, sql: string): Promise<unknown[]> {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  try {
    const reader = await connection.runAndReadAll(sql.replaceAll("FILE", `'${file}'`));
    return reader.getRowObjectsJson();
  } finally {
    connection.closeSync();
  }
}

const role = (actions: readonly string[], condition?: unknown) => ({
  Type: "AWS::IAM::Role",
  Properties: {
    AssumeRolePolicyDocument: {
      Statement: {
        Effect: "Allow",
        Principal: { Service: "firehose.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: condition ?? { StringEquals: { "sts:ExternalId": "000000000000" } },
      },
    },
    Policies: [
      {
        PolicyName: "deliver",
        PolicyDocument: { Statement: { Effect: "Allow", Action: actions, Resource: "*" } },
      },
    ],
  },
});

export const ALL_ACTIONS = ["s3:PutObject", "lambda:InvokeFunction", "glue:GetTable"];

/** A template with the bucket `lake`, the role `Role` and the stream `Stream`, named `detections`. */
export const templateOf = (
  destination: Record<string, unknown>,
  {
    resources = {},
    actions = ALL_ACTIONS,
    stream = {},
    trust,
  }: {
    resources?: Record<string, { Type: string; Properties: Record<string, unknown> }>;
    actions?: readonly string[];
    stream?: Record<string, unknown>;
    trust?: unknown;
  } = {},
) => ({
  Resources: {
    Lake: { Type: "AWS::S3::Bucket", Properties: { BucketName: "lake" } },
    Role: role(actions, trust),
    ...resources,
    Stream: {
      Type: "AWS::KinesisFirehose::DeliveryStream",
      Properties: {
        DeliveryStreamName: "detections",
        ExtendedS3DestinationConfiguration: {
          BucketARN: { "Fn::GetAtt": ["Lake", "Arn"] },
          RoleARN: { "Fn::GetAtt": ["Role", "Arn"] },
          ...destination,
        },
        ...stream,
      },
    },
  },
});

/** A `ProcessingConfiguration` with the substitute's function. */
export const processing = (parameters: Record<string, string> = {}) => ({
  Enabled: true,
  Processors: [
    {
      Type: "Lambda",
      Parameters: Object.entries({ LambdaArn: FUNCTION_ARN, ...parameters }).map(([name, value]) => ({
        ParameterName: name,
        ParameterValue: value,
      })),
    },
  ],
});

const columns = [
  { Name: "camera_id", Type: "string" },
  { Name: "confidence", Type: "double" },
  { Name: "detected_at", Type: "timestamp" },
  { Name: "detected_at_ms", Type: "bigint" },
];

/** The Glue database `doorstep` with the table `detection_records`. */
export const glueTable = (Columns: readonly { Name: string; Type: string }[] = columns) => ({
  Database: {
    Type: "AWS::Glue::Database",
    Properties: { CatalogId: { Ref: "AWS::AccountId" }, DatabaseInput: { Name: "doorstep" } },
  },
  Table: {
    Type: "AWS::Glue::Table",
    Properties: {
      CatalogId: { Ref: "AWS::AccountId" },
      DatabaseName: { Ref: "Database" },
      TableInput: {
        Name: "detection_records",
        TableType: "EXTERNAL_TABLE",
        Parameters: { classification: "parquet", EXTERNAL: "TRUE" },
        StorageDescriptor: {
          Columns,
          Location: "s3://lake/detections/",
          InputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
          OutputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
          SerdeInfo: { SerializationLibrary: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe" },
        },
      },
    },
  },
});

/** A destination with a Lambda processor, partitions by day and hour, and Parquet for the Glue table. */
export const parquetDestination = {
  Prefix: "detections/dt=!{partitionKeyFromLambda:dt}/hour=!{partitionKeyFromLambda:hour}/",
  ErrorOutputPrefix: "errors/!{firehose:error-output-type}/",
  BufferingHints: { SizeInMBs: 64, IntervalInSeconds: 60 },
  CompressionFormat: "UNCOMPRESSED",
  DynamicPartitioningConfiguration: { Enabled: true },
  ProcessingConfiguration: processing({ BufferSizeInMBs: "1", BufferIntervalInSeconds: "20" }),
  DataFormatConversionConfiguration: {
    SchemaConfiguration: {
      RoleARN: { "Fn::GetAtt": ["Role", "Arn"] },
      DatabaseName: { Ref: "Database" },
      TableName: { Ref: "Table" },
    },
    InputFormatConfiguration: { Deserializer: { OpenXJsonSerDe: {} } },
    OutputFormatConfiguration: { Serializer: { ParquetSerDe: {} } },
  },
};
