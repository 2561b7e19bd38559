import { gunzipSync } from "node:zlib";
import {
  FirehoseClient,
  ListDeliveryStreamsCommand,
  PutRecordBatchCommand,
  PutRecordCommand,
} from "@aws-sdk/client-firehose";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { describe, expect, test } from "@jest/globals";
import { unzipSync } from "fflate";
import { useStream } from "./stream.ts";
import { bytes, FUNCTION_ARN, objectsIn, processing, templateOf } from "./support.ts";

describe("a delivery stream", () => {
  const stream = useStream();
  const { lambda, start, put, flush, detailsOf } = stream;

  test("writes records unchanged, one after the other, under prefix and arrival hour", async () => {
    await start(templateOf({ Prefix: "raw/" }));
    await put("one", "two\n");
    await put("three");
    const { objects } = await flush();
    expect(objects).toMatchObject([{ kind: "data", bucket: "lake", records: 3 }]);
    const [object, ...others] = await objectsIn(stream.local, "lake");
    expect(others).toEqual([]);
    expect(object!.text).toBe("onetwo\nthree");
    expect(object!.key).toMatch(/^raw\/\d{4}\/\d\d\/\d\d\/\d\d\/detections-1-\d{4}(-\d\d){5}-[0-9a-f-]{36}$/);
    expect(detailsOf("record-accepted")).toEqual([
      { deliveryStreamName: "detections", count: 2, sizeBytes: 7 },
      { deliveryStreamName: "detections", count: 1, sizeBytes: 5 },
    ]);
  });

  test("returns an id for each record of a batch, in the request's order", async () => {
    await start(templateOf({}));
    const { FailedPutCount, RequestResponses } = await put("a", "b", "");
    expect(FailedPutCount).toBe(0);
    expect(new Set(RequestResponses!.map(({ RecordId }) => RecordId)).size).toBe(3);
    const single = await stream.local
      .client(FirehoseClient)
      .send(new PutRecordCommand({ DeliveryStreamName: "detections", Record: { Data: bytes("c") } }));
    expect(single.RecordId).toMatch(/^.{220}$/);
    await flush();
    expect((await objectsIn(stream.local, "lake")).map(({ text }) => text)).toEqual(["abc"]);
  });

  test("refuses too many, too large and no records, a batch over 4 MB, and unknown streams", async () => {
    await start(templateOf({}));
    const send = (Records: Uint8Array[], DeliveryStreamName = "detections") =>
      stream.local
        .client(FirehoseClient)
        .send(new PutRecordBatchCommand({ DeliveryStreamName, Records: Records.map((Data) => ({ Data })) }));
    const largest = Buffer.alloc(1_024_000);
    await expect(send(Array.from({ length: 501 }, () => bytes("x")))).rejects.toMatchObject({
      name: "ValidationException",
      message: "Records: Member must have length less than or equal to 500",
    });
    await expect(send([])).rejects.toMatchObject({ name: "ValidationException" });
    await expect(send([bytes("x"), Buffer.alloc(1_024_001)])).rejects.toMatchObject({
      name: "ValidationException",
      message: "Records[1].Data: Member must have length less than or equal to 1024000",
    });
    await expect(send([largest, largest, largest, largest, Buffer.alloc(98_305)])).rejects.toMatchObject({
      name: "InvalidArgumentException",
      message: "Records size exceeds 4 MB limit",
    });
    await expect(send([bytes("x")], "unknown")).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      message: "Firehose unknown under account 000000000000 not found.",
    });
    expect(await send([largest, largest, largest, largest, Buffer.alloc(98_304)])).toMatchObject({
      FailedPutCount: 0,
    });
    expect((await flush()).objects).toMatchObject([{ records: 5 }]);
  });

  test("is listed by name", async () => {
    await start(templateOf({}));
    const list = (input = {}) =>
      stream.local.client(FirehoseClient).send(new ListDeliveryStreamsCommand(input));
    expect(await list()).toMatchObject({
      DeliveryStreamNames: ["detections"],
      HasMoreDeliveryStreams: false,
    });
    expect(await list({ ExclusiveStartDeliveryStreamName: "detections" })).toMatchObject({
      DeliveryStreamNames: [],
    });
  });

  test("delivers by size without waiting for the interval", async () => {
    await start(templateOf({ BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 900 } }));
    await put(Buffer.alloc(600_000, "a").toString());
    expect(detailsOf("object-delivered")).toEqual([]);
    await put(Buffer.alloc(500_000, "b").toString());
    const { detail } = await stream.local.cloud.events.waitFor(({ name }) => name === "object-delivered");
    expect(detail).toMatchObject({ bucket: "lake", rows: 1 });
  });

  test("backs up source records, also dropped and failed ones, with their own prefix and compression", async () => {
    lambda.handler = ({ records }) => ({
      response: {
        records: records.map(({ recordId }, index) => ({
          recordId,
          result: ["Ok", "Dropped", "ProcessingFailed"][index],
          data: btoa("changed"),
        })),
      },
    });
    await start(
      templateOf({
        Prefix: "data/",
        ErrorOutputPrefix: "errors/",
        ProcessingConfiguration: processing(),
        S3BackupMode: "Enabled",
        S3BackupConfiguration: {
          BucketARN: { "Fn::GetAtt": ["Lake", "Arn"] },
          RoleARN: { "Fn::GetAtt": ["Role", "Arn"] },
          Prefix: "backup/",
          CompressionFormat: "GZIP",
          BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 60 },
        },
      }),
    );
    await put("good", "unwanted", "bad");
    const { objects } = await flush();
    expect(objects.map(({ kind, records }) => `${kind} ${records}`).toSorted()).toEqual([
      "backup 3",
      "data 1",
      "error 1",
    ]);
    const backup = objects.find(({ kind }) => kind === "backup")!;
    expect(backup.key).toMatch(/^backup\/\d{4}\/.*\.gz$/);
    const { Body, ContentEncoding } = await stream.local
      .client(S3Client)
      .send(new GetObjectCommand({ Bucket: "lake", Key: backup.key }));
    expect(ContentEncoding).toBe("gzip");
    expect(String(gunzipSync(await Body!.transformToByteArray()))).toBe("goodunwantedbad");
    const files = await objectsIn(stream.local, "lake");
    expect(files.find(({ key }) => key.startsWith("data/"))!.text).toBe("changed");
    const line = JSON.parse(
      files.find(({ key }) => key.startsWith("errors/processing-failed/"))!.text,
    ) as unknown;
    expect(line).toMatchObject({
      errorCode: "Lambda.ProcessingFailedStatus",
      rawData: btoa("bad"),
      lambdaARN: FUNCTION_ARN,
    });
    expect(detailsOf("transformed")).toMatchObject([{ ok: 1, dropped: 1, failed: 1 }]);
  });

  test("writes ZIP objects with one entry, under a custom file extension", async () => {
    await start(templateOf({ CompressionFormat: "ZIP", FileExtension: ".json.zip" }));
    await put("zipped");
    const { objects } = await flush();
    expect(objects[0]!.key).toMatch(/\.json\.zip$/);
    const { Body } = await stream.local
      .client(S3Client)
      .send(new GetObjectCommand({ Bucket: "lake", Key: objects[0]!.key }));
    const entries = Object.values(unzipSync(await Body!.transformToByteArray()));
    expect(entries.map((entry) => Buffer.from(entry).toString())).toEqual(["zipped"]);
  });
});
