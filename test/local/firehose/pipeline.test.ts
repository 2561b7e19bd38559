import { DescribeDeliveryStreamCommand, FirehoseClient } from "@aws-sdk/client-firehose";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { useStream } from "./stream.ts";
import {
  bytes,
  glueTable,
  objectsIn,
  parquetDestination,
  partitionByHour,
  queryParquet,
  templateOf,
} from "./support.ts";

const row = (camera: string, hour: string) => ({
  camera_id: camera,
  confidence: 97.5,
  detected_at: "2026-11-20T10:30:00.123Z",
  detected_at_ms: 1795170600123,
  dt: "2026-11-20",
  hour,
});

describe("a stream with Lambda processor, partitions and Parquet", () => {
  const stream = useStream();
  const { lambda, put, flush } = stream;

  beforeEach(async () => {
    lambda.handler = partitionByHour;
    await stream.start(templateOf(parquetDestination, { resources: glueTable() }));
  });

  test("writes each partition's rows as one Parquet object with the Glue table's columns", async () => {
    await put(row("front", "10"), row("back", "11"), row("garage", "10"));
    const { objects } = await flush();
    expect(objects.map(({ kind, bucket, records }) => [kind, bucket, records])).toEqual(
      expect.arrayContaining([
        ["data", "lake", 2],
        ["data", "lake", 1],
      ]),
    );
    const { key } = objects.find(({ records }) => records === 2)!;
    expect(key).toMatch(
      /^detections\/dt=2026-11-20\/hour=10\/detections-1-\d{4}(-\d\d){5}-[0-9a-f-]{36}\.parquet$/,
    );
    expect(
      await queryParquet(stream.local, key, "SELECT * FROM read_parquet(FILE, hive_partitioning = false)"),
    ).toEqual([
      {
        camera_id: "front",
        confidence: 97.5,
        detected_at: "2026-11-20 10:30:00.123",
        detected_at_ms: "1795170600123",
      },
      {
        camera_id: "garage",
        confidence: 97.5,
        detected_at: "2026-11-20 10:30:00.123",
        detected_at_ms: "1795170600123",
      },
    ]);
  });

  test("writes a poison record with its reason and bytes to the error output, and delivers the others", async () => {
    await put(row("front", "10"), { ...row("poison", "10"), confidence: "high" }, row("back", "10"));
    const { objects } = await flush();
    const data = objects.find(({ kind }) => kind === "data")!;
    expect(
      await queryParquet(stream.local, data.key, "SELECT camera_id FROM read_parquet(FILE) ORDER BY 1"),
    ).toEqual([{ camera_id: "back" }, { camera_id: "front" }]);
    const { key } = objects.find(({ kind }) => kind === "error")!;
    expect(key).toMatch(/^errors\/format-conversion-failed\/detections-1-/);
    const [errorFile] = (await objectsIn(stream.local, "lake")).filter((object) => object.key === key);
    const line = JSON.parse(errorFile!.text) as { rawData: string };
    expect(line).toMatchObject({
      attemptsMade: 1,
      lastErrorCode: "DataFormatConversion.MalformedData",
      lastErrorMessage: 'Data does not match the schema. For input string: "high"',
      dataCatalogTable: {
        catalogId: "000000000000",
        databaseName: "doorstep",
        tableName: "detection_records",
        region: "us-east-1",
        versionId: "LATEST",
      },
    });
    expect(JSON.parse(Buffer.from(line.rawData, "base64").toString())).toEqual({
      ...row("poison", "10"),
      confidence: "high",
    });
    expect(
      stream.local.cloud.events.matching(({ name }) => name === "records-failed").map(({ detail }) => detail),
    ).toEqual([
      {
        deliveryStreamName: "detections",
        errorCode: "DataFormatConversion.MalformedData",
        count: 1,
        bucket: "lake",
        key,
      },
    ]);
  });

  test("writes a partitioned record of several JSON documents whole to the error output", async () => {
    lambda.handler = ({ records }) => ({
      response: {
        records: records.map(({ recordId }) => ({
          recordId,
          result: "Ok",
          data: bytes('{"camera_id":"a"}{"camera_id":"b"}\n{"camera_id":"c"}').toString("base64"),
          metadata: { partitionKeys: { dt: "2026-11-20", hour: "10" } },
        })),
      },
    });
    await put("anything");
    const { objects } = await flush();
    expect(objects).toMatchObject([{ kind: "error", records: 1 }]);
    const [file] = await objectsIn(stream.local, "lake");
    const line = JSON.parse(file!.text) as { rawData: string };
    expect(line).toMatchObject({
      lastErrorCode: "DataFormatConversion.ParseError",
      lastErrorMessage:
        "Encountered malformed JSON. The record has 3 JSON documents; with dynamic partitioning it may have one.",
    });
    expect(Buffer.from(line.rawData, "base64").toString()).toBe(
      '{"camera_id":"a"}{"camera_id":"b"}\n{"camera_id":"c"}',
    );
  });

  test("sends records without a partition key to the error output with their original bytes", async () => {
    await put({ dt: "2026-11-20", hour: "" }, { dt: null, hour: "10" });
    const { objects } = await flush();
    expect(objects).toMatchObject([{ kind: "error", records: 2 }]);
    expect(objects[0]!.key).toMatch(/^errors\/processing-failed\//);
    const [file] = await objectsIn(stream.local, "lake");
    const lines = file!.text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, string>);
    expect(
      lines.map(({ errorCode, errorMessage, rawData }) => [errorCode, errorMessage, atob(rawData!)]),
    ).toEqual([
      [
        "DynamicPartitioning.MetadataExtractionFailed",
        "partitionKeys values must not be null or empty: hour",
        '{"dt":"2026-11-20","hour":""}',
      ],
      [
        "DynamicPartitioning.MetadataExtractionFailed",
        "partitionKeys values must not be null or empty: dt",
        '{"dt":null,"hour":"10"}',
      ],
    ]);
  });

  test("keeps at most 500 partitions active and sends the overflow to activePartitionExceeded", async () => {
    const transformed = () =>
      stream.local.cloud.events
        .matching(({ name }) => name === "transformed")
        .map(({ detail }) => [detail["ok"], detail["failed"]]);
    lambda.handler = ({ records }) => ({
      response: {
        records: records.map(({ recordId, data }, index) => ({
          recordId,
          result: "Ok",
          data,
          metadata: { partitionKeys: { dt: "2026-11-20", hour: String(lambda.events.length * 300 + index) } },
        })),
      },
    });
    for (const count of [1, 2]) {
      await put(...Array.from({ length: 300 }, () => row("front", "10")));
      stream.local.clock.turn(20_000);
      await stream.local.cloud.events.waitFor(() => transformed().length === count);
    }
    expect(transformed()).toEqual([
      [300, 0],
      [200, 100],
    ]);
    stream.local.clock.turn(60_000);
    const { detail } = await stream.local.cloud.events.waitFor(({ name }) => name === "records-failed");
    expect(detail).toMatchObject({ errorCode: "DynamicPartitioning.ActivePartitionExceeded", count: 100 });
    expect(detail["key"]).toMatch(/^errors\/activePartitionExceeded\//);
  });

  test("delivers after the processor's and then the partition's interval, without a flush", async () => {
    await put(row("front", "10"));
    stream.local.clock.turn(10_000);
    expect(lambda.events).toEqual([]);
    stream.local.clock.turn(10_000);
    await stream.local.cloud.events.waitFor(({ name }) => name === "transformed");
    stream.local.clock.turn(60_000);
    const { detail } = await stream.local.cloud.events.waitFor(({ name }) => name === "object-delivered");
    expect(detail).toMatchObject({ deliveryStreamName: "detections", bucket: "lake", rows: 1 });
  });

  test("invokes the function with the documented event", async () => {
    await put(row("front", "10"));
    await flush({ deliveryStreamName: "detections" });
    expect(lambda.events).toEqual([
      {
        invocationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        deliveryStreamArn: "arn:aws:firehose:us-east-1:000000000000:deliverystream/detections",
        region: "us-east-1",
        records: [
          {
            recordId: expect.stringMatching(/^\d{56}$/),
            approximateArrivalTimestamp: expect.any(Number),
            data: bytes(row("front", "10")).toString("base64"),
          },
        ],
      },
    ]);
  });

  test("is described with version, destination and defaults", async () => {
    const { DeliveryStreamDescription } = await stream.local
      .client(FirehoseClient)
      .send(new DescribeDeliveryStreamCommand({ DeliveryStreamName: "detections" }));
    expect(DeliveryStreamDescription).toMatchObject({
      DeliveryStreamARN: "arn:aws:firehose:us-east-1:000000000000:deliverystream/detections",
      DeliveryStreamStatus: "ACTIVE",
      DeliveryStreamType: "DirectPut",
      VersionId: "1",
      CreateTimestamp: expect.any(Date),
      HasMoreDestinations: false,
      Destinations: [
        {
          DestinationId: "destinationId-000000000001",
          ExtendedS3DestinationDescription: {
            BucketARN: "arn:aws:s3:::lake",
            Prefix: "detections/dt=!{partitionKeyFromLambda:dt}/hour=!{partitionKeyFromLambda:hour}/",
            BufferingHints: { SizeInMBs: 64, IntervalInSeconds: 60 },
            DynamicPartitioningConfiguration: { Enabled: true },
          },
        },
      ],
    });
  });
});
