import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { useStream } from "./stream.ts";
import { ALL_ACTIONS, glueTable, objectsIn, parquetDestination, processing, templateOf } from "./support.ts";

describe("a delivery stream with failures", () => {
  const stream = useStream();
  const { lambda, start, put, flush, detailsOf, allow } = stream;

  test("keeps records while S3 refuses them, reports the reason, and delivers them later", async () => {
    await start(templateOf({}, { actions: ["lambda:InvokeFunction"] }));
    await put("kept");
    await expect(flush()).rejects.toThrow(
      /502.*is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::lake/,
    );
    expect(detailsOf("delivery-failed")).toMatchObject([
      { buffer: "data:{}", retryAfterMs: 5_000, error: expect.stringContaining("s3:PutObject") },
    ]);
    allow(ALL_ACTIONS);
    stream.local.clock.turn(5_000);
    await stream.local.cloud.events.waitFor(({ name }) => name === "object-delivered");
    expect((await objectsIn(stream.local, "lake")).map(({ text }) => text)).toEqual(["kept"]);
  });

  const errorLog = {
    CloudWatchLoggingOptions: {
      Enabled: true,
      LogGroupName: "/aws/kinesisfirehose/detections",
      LogStreamName: "DestinationDelivery",
    },
  };
  const loggedLines = (): unknown[] =>
    readFileSync(join(stream.local.cloud.dataFolder, "logs/detections.log"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);

  test("logs what S3 refuses to its log stream, as Firehose does", async () => {
    await start(templateOf(errorLog, { actions: ["logs:PutLogEvents"] }));
    await put("kept");
    await expect(flush()).rejects.toThrow("s3:PutObject");
    expect(loggedLines()).toEqual([
      {
        logStream: "DestinationDelivery",
        deliveryStreamARN: "arn:aws:firehose:us-east-1:000000000000:deliverystream/detections",
        destination: "arn:aws:s3:::lake",
        deliveryStreamVersionId: 1,
        message: expect.stringContaining("is not authorized to perform: s3:PutObject"),
        errorCode: "S3.AccessDenied",
      },
    ]);
  });

  test("logs the code of records that the function fails, and where they are kept", async () => {
    lambda.handler = () => ({ error: "boom" });
    const actions = [...ALL_ACTIONS, "logs:PutLogEvents"];
    const ProcessingConfiguration = processing({ NumberOfRetries: "0" });
    await start(templateOf({ ...errorLog, ErrorOutputPrefix: "e/", ProcessingConfiguration }, { actions }));
    await put("a");
    await flush();
    expect(loggedLines()).toMatchObject([
      {
        errorCode: "Lambda.FunctionError",
        message: expect.stringMatching(/^1 records are in s3:\/\/lake\/e\//),
      },
    ]);
  });

  test("logs nothing if its role may not put log events", async () => {
    await start(templateOf(errorLog, { actions: [] }));
    await put("kept");
    await expect(flush()).rejects.toThrow("s3:PutObject");
    expect(detailsOf("error-logged")).toEqual([]);
    expect(detailsOf("error-log-refused")).toMatchObject([
      {
        error: expect.stringMatching(
          /logs:PutLogEvents on resource: \S+:log-group:\/aws\/kinesisfirehose\/detections:log-stream:DestinationDelivery/,
        ),
      },
    ]);
  });

  test("loses records that can't be delivered within 24 hours, and reports it", async () => {
    await start(templateOf({}, { actions: [] }));
    await put("late", "later");
    stream.local.clock.turn(25 * 3_600_000);
    const { detail } = await stream.local.cloud.events.waitFor(({ name }) => name === "records-lost");
    expect(detail).toEqual({ deliveryStreamName: "detections", buffer: "data:{}", count: 2 });
    allow(ALL_ACTIONS);
    expect((await flush()).objects).toEqual([]);
  });

  test("retries a function that throws with the same ids, and then fails the batch with FunctionError", async () => {
    lambda.handler = () => ({ error: "boom" });
    await start(
      templateOf({ ErrorOutputPrefix: "e/", ProcessingConfiguration: processing({ NumberOfRetries: "2" }) }),
    );
    await put("a", "b");
    const { objects } = await flush();
    expect(objects).toMatchObject([{ kind: "error", records: 2 }]);
    expect(lambda.events).toHaveLength(3);
    expect(new Set(lambda.events.map(({ invocationId }) => invocationId)).size).toBe(3);
    expect(new Set(lambda.events.map(({ records }) => JSON.stringify(records))).size).toBe(1);
    const lines = (await objectsIn(stream.local, "lake"))[0]!.text.trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      {
        attemptsMade: 3,
        errorCode: "Lambda.FunctionError",
        errorMessage: "The Lambda function was successfully invoked but it returned an error result. boom",
        rawData: btoa("a"),
      },
      { attemptsMade: 3, errorCode: "Lambda.FunctionError", rawData: btoa("b") },
    ]);
  });

  test("delivers what a second attempt returned", async () => {
    lambda.handler = ({ records }) =>
      lambda.events.length === 1
        ? { error: "cold" }
        : { response: { records: records.map(({ recordId, data }) => ({ recordId, result: "Ok", data })) } };
    await start(templateOf({ ProcessingConfiguration: processing() }));
    await put("a");
    expect((await flush()).objects).toMatchObject([{ kind: "data", records: 1 }]);
    expect(detailsOf("transformed")).toMatchObject([{ ok: 1, attemptsMade: 2 }]);
  });

  test("does not retry after a malformed response, but after one over 6 MB", async () => {
    await start(templateOf({ ProcessingConfiguration: processing({ NumberOfRetries: "1" }) }));
    lambda.handler = () => ({ response: {} });
    await put("a");
    await flush();
    expect(lambda.events).toHaveLength(1);
    lambda.handler = () => ({ response: { records: [], padding: "x".repeat(6 * 1024 * 1024) } });
    await put("b");
    await flush();
    expect(lambda.events).toHaveLength(3);
    expect(detailsOf("records-failed")).toMatchObject([
      { errorCode: "Lambda.MissingRecordId", count: 1 },
      { errorCode: "Lambda.FunctionError", count: 1 },
    ]);
  });

  test("aborts an invocation after five minutes", async () => {
    const invoked = new Promise<void>((resolve) => {
      lambda.handler = () => {
        resolve();
        return new Promise(() => {});
      };
    });
    await start(templateOf({ ProcessingConfiguration: processing({ NumberOfRetries: "0" }) }));
    await put("a");
    const flushed = flush();
    await invoked;
    stream.local.clock.turn(300_000);
    expect((await flushed).objects).toMatchObject([{ kind: "error", records: 1 }]);
    expect(detailsOf("records-failed")).toMatchObject([{ errorCode: "Lambda.FunctionError" }]);
  });

  test("fails a batch with InvokeAccessDenied when the role may not invoke the function", async () => {
    await start(
      templateOf(
        { ProcessingConfiguration: processing({ NumberOfRetries: "1" }) },
        { actions: ["s3:PutObject"] },
      ),
    );
    await put("a");
    await flush();
    expect(lambda.events).toEqual([]);
    expect(detailsOf("records-failed")).toMatchObject([{ errorCode: "Lambda.InvokeAccessDenied", count: 1 }]);
  });

  test("invokes the function with at most one processor buffer at a time", async () => {
    await start(
      templateOf({
        ProcessingConfiguration: processing({ BufferSizeInMBs: "0.2", BufferIntervalInSeconds: "60" }),
      }),
    );
    await put(...Array.from({ length: 5 }, () => "x".repeat(100_000)));
    await flush();
    expect(lambda.events.map(({ records }) => records.length)).toEqual([2, 2, 1]);
  });

  test("stops delivery while conversion errors can't be written, and loses none of them", async () => {
    lambda.handler = ({ records }) => ({
      response: {
        records: records.map(({ recordId, data }) => ({
          recordId,
          result: "Ok",
          data,
          metadata: { partitionKeys: { dt: "2026-11-20", hour: "10" } },
        })),
      },
    });
    await start(templateOf(parquetDestination, { resources: glueTable() }));
    allow(ALL_ACTIONS, { Effect: "Deny", Action: "s3:PutObject", Resource: "arn:aws:s3:::lake/errors/*" });
    await put("no JSON", { camera_id: "first" });
    await expect(flush()).rejects.toThrow("errors/format-conversion-failed");
    expect(detailsOf("object-delivered")).toHaveLength(1);
    await put({ camera_id: "second" });
    await expect(flush()).rejects.toThrow("the error output can't be written");
    const turnedAtMs = stream.local.cloud.clock.now() + 48 * 3_600_000;
    stream.local.clock.turn(48 * 3_600_000);
    await stream.local.cloud.events.waitFor(
      ({ name, detail, atMs }) =>
        name === "delivery-failed" && atMs >= turnedAtMs && String(detail["buffer"]).startsWith("data:"),
    );
    expect(detailsOf("object-delivered")).toHaveLength(1);
    expect(detailsOf("records-lost")).toEqual([]);

    allow(ALL_ACTIONS);
    const { objects } = await flush();
    expect(objects.map(({ kind, records }) => `${kind} ${records}`).toSorted()).toEqual([
      "data 1",
      "error 1",
    ]);
  });
});
