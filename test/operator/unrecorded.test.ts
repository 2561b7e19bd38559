import { describe, expect, test } from "@jest/globals";
import type { DataRecord, ShardRange } from "../../operator/data-stream.ts";
import { readUnrecorded, recordAgain } from "../../operator/redrive/unrecorded.ts";

const STREAM = "arn:aws:kinesis:us-east-1:000000000000:stream/doorstep-dev-camera-porch";
const base64 = (text: string) => Buffer.from(text).toString("base64");
const recordOf = (sequenceNumber: number, text: string): DataRecord => ({
  sequenceNumber: String(sequenceNumber),
  data: Buffer.from(text),
});
const unread = (sequenceNumber: number, text: string) =>
  JSON.stringify({ streamArn: STREAM, sequenceNumber: String(sequenceNumber), data: base64(text) });
/** As Lambda's documentation shows it. */
const discarded = (first: number, last: number, batchSize: number) =>
  JSON.stringify({
    requestContext: {
      requestId: "c9b8fa9f-5a7f-xmpl-af9c-0c604cde93a5",
      functionArn: "arn:aws:lambda:us-east-1:000000000000:function:doorstep-dev-recordFaces",
      condition: "RetryAttemptsExhausted",
      approximateInvokeCount: 1,
    },
    responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
    version: "1.0",
    timestamp: "2026-11-14T00:38:06.021Z",
    KinesisBatchInfo: {
      shardId: "shardId-000000000001",
      startSequenceNumber: String(first),
      endSequenceNumber: String(last),
      approximateArrivalOfFirstRecord: "2026-11-14T00:38:04.835Z",
      approximateArrivalOfLastRecord: "2026-11-14T00:38:05.580Z",
      batchSize,
      streamArn: STREAM,
    },
  });

/** What recordFaces was invoked with, by a redrive of the messages. */
async function redriven(
  bodies: readonly string[],
  {
    stream = [],
    result = "{}",
    failure,
    ranges = [],
  }: {
    stream?: readonly DataRecord[] | undefined;
    result?: string;
    failure?: string;
    ranges?: ShardRange[];
  } = {},
) {
  const invoked: string[][] = [];
  const deliver = recordAgain({
    unreadable: (text) => (text.startsWith("unreadable") ? "expected a number" : undefined),
    record: (payload) => {
      const { Records } = JSON.parse(payload) as {
        Records: { eventSourceARN: string; kinesis: { sequenceNumber: string; data: string } }[];
      };
      expect(Records.map(({ eventSourceARN }) => eventSourceARN)).toEqual(Records.map(() => STREAM));
      invoked.push(Records.map(({ kinesis }) => Buffer.from(kinesis.data, "base64").toString()));
      return Promise.resolve(failure === undefined ? { ok: true, result } : { ok: false, reason: failure });
    },
    readRange: (range) => {
      ranges.push(range);
      return Promise.resolve(stream);
    },
  });
  const letters = bodies.map((body, index) => ({
    id: String(index),
    body,
    receipt: "",
    groupId: undefined,
    wasRedriven: false,
    attributes: {},
  }));
  return { refusals: await deliver(letters), invoked };
}

describe("a record that recordFaces could not read", () => {
  test("is recorded by a version that reads it, and stays with the reason while there is none", async () => {
    expect(await redriven([unread(1, "readable"), unread(2, "unreadable")])).toEqual({
      invoked: [["readable"]],
      refusals: [undefined, "it cannot be read: expected a number"],
    });
  });

  test("stays, and is recorded once, while only this version reads it and not the stack's", async () => {
    expect(await redriven([unread(1, "new form"), unread(1, "new form")])).toEqual({
      invoked: [["new form"]],
      refusals: [undefined, "the stack's recordFaces cannot read it; deploy this version, which can"],
    });
  });
});

describe("a batch that Lambda gave up", () => {
  test("is read from the data stream again, by the numbers of its first and last record", async () => {
    const ranges: ShardRange[] = [];
    const stream = [recordOf(7, "a"), recordOf(9, "b")];
    expect(await redriven([discarded(7, 9, 2)], { stream, ranges })).toEqual({
      invoked: [["a", "b"]],
      refusals: [undefined],
    });
    expect(ranges).toEqual([{ streamArn: STREAM, shardId: "shardId-000000000001", first: "7", last: "9" }]);
  });

  test("stays while recordFaces fails or reports a record, with the reason", async () => {
    const stream = [recordOf(7, "a")];
    const reported = JSON.stringify({ batchItemFailures: [{ itemIdentifier: "7" }] });
    expect((await redriven([discarded(7, 7, 1)], { stream, result: reported })).refusals).toEqual([
      "recordFaces could not record it; its log has the reason",
    ]);
    expect(
      (await redriven([discarded(7, 7, 1)], { stream, failure: "recordFaces failed: x" })).refusals,
    ).toEqual(["recordFaces failed: x"]);
  });

  test("whose records are gone stays and says so, and what is left of it is recorded", async () => {
    const gone =
      "of its 3 records are gone: they arrived at 2026-11-14T00:38:04.835Z and later, and the data stream doorstep-dev-camera-porch keeps them for 24 hours";
    expect(await redriven([discarded(7, 9, 3)])).toEqual({ invoked: [], refusals: [`3 ${gone}`] });
    expect(await redriven([discarded(7, 9, 3)], { stream: [recordOf(9, "last")] })).toEqual({
      invoked: [["last"]],
      refusals: [`2 ${gone}; the others are recorded`],
    });
  });

  test("of a data stream that is gone says so", async () => {
    const deliver = recordAgain({
      unreadable: () => undefined,
      record: () => Promise.reject(new Error("not invoked")),
      readRange: () => Promise.resolve(undefined),
    });
    const letter = { id: "1", receipt: "", groupId: undefined, wasRedriven: false, attributes: {} };
    expect(await deliver([{ ...letter, body: discarded(7, 9, 3) }])).toEqual([
      "its 3 records are gone with the data stream doorstep-dev-camera-porch",
    ]);
  });

  test("is recorded in several calls when it is larger than a call", async () => {
    const large = "x".repeat(1024 * 1024);
    const stream = Array.from({ length: 6 }, (_, index) => recordOf(index, large));
    const { invoked, refusals } = await redriven([discarded(0, 5, 6)], { stream });
    expect(refusals).toEqual([undefined]);
    expect(invoked.map((records) => records.length)).toEqual([3, 3]);
  });
});

test.each([
  "no JSON",
  "{}",
  "[]",
  '{"streamArn":"arn:aws:kinesis:x"}',
  '{"KinesisBatchInfo":{"shardId":"1"}}',
])("any other message is refused: %s", (body) => {
  expect(readUnrecorded(body)).toEqual({
    ok: false,
    reason: expect.stringContaining("neither a record"),
  });
});
