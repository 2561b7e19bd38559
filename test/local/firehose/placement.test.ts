import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  readResponse,
  processorEvent,
  recordIdOf,
} from "../../../local/firehose/processing/lambda-response.ts";
import { place } from "../../../local/firehose/processing/placement.ts";
import { parsePrefix } from "../../../local/firehose/settings/prefix.ts";
import type { StoredRecord } from "../../../local/firehose/buffers/record-store.ts";

const recordOf = (sequence: number, text = `record ${sequence}`): StoredRecord => ({
  sequence,
  arrivedAtMs: 1_795_000_000_000 + sequence,
  data: Buffer.from(text),
});
const ATTEMPT = { attemptsMade: 1, endedAtMs: 1_795_000_060_000, functionArn: "arn:aws:lambda:::function:f" };
const response = (records: unknown): Buffer => Buffer.from(JSON.stringify({ records }));
const codes = (payload: Uint8Array, records: readonly StoredRecord[]) =>
  readResponse(payload, records).map((outcome) => (outcome.kind === "failed" ? outcome.code : outcome.kind));

describe("the response of a Lambda processor", () => {
  const records = [recordOf(1), recordOf(2), recordOf(3)];
  const [first, second, third] = records.map(recordIdOf);
  const data = btoa("x");

  test("may have Ok, Dropped and ProcessingFailed records, in any order", () => {
    const payload = response([
      { recordId: third, result: "ProcessingFailed" },
      { recordId: first, result: "Ok", data },
      { recordId: second, result: "Dropped" },
    ]);
    expect(readResponse(payload, records)).toEqual([
      { kind: "ok", data: Buffer.from("x"), partitionKeys: undefined },
      { kind: "dropped" },
      {
        kind: "failed",
        code: "Lambda.ProcessingFailedStatus",
        message: "ProcessingFailed status set for record",
      },
    ]);
  });

  test("fails ids that are missing or repeated, and ignores unknown ones", () => {
    const payload = response([
      { recordId: first, result: "Ok", data },
      { recordId: second, result: "Ok", data },
      { recordId: second, result: "Dropped" },
      { recordId: "unknown", result: "Ok", data },
      null,
    ]);
    expect(codes(payload, records)).toEqual(["ok", "Lambda.DuplicatedRecordId", "Lambda.MissingRecordId"]);
  });

  test.each(["", "null", "[]", '{"records":{}}', "{", '"text"'])(
    "without records, %j, lacks every id",
    (text) => {
      expect(codes(Buffer.from(text), records)).toEqual([
        "Lambda.MissingRecordId",
        "Lambda.MissingRecordId",
        "Lambda.MissingRecordId",
      ]);
    },
  );

  test("fails an Ok record without data, and no other", () => {
    const payload = response([
      { recordId: first, result: "Ok", data: null },
      { recordId: second, result: "Ok", data: "" },
      { recordId: third, result: "Ok", data },
    ]);
    expect(codes(payload, records)).toEqual(["Lambda.InvalidReturnFormat", "ok", "ok"]);
  });

  test.each([
    ["an unknown result", { result: "OK", data }],
    ["data that is not base64", { result: "Ok", data: "not base64!" }],
    ["data that is not text", { result: "Ok", data: { a: 1 } }],
  ])("with %s fails the whole batch", (_what, bad) => {
    const payload = response([
      { recordId: first, result: "Ok", data },
      { recordId: second, ...bad },
      { recordId: third, result: "Dropped" },
    ]);
    expect(codes(payload, records)).toEqual([
      "Lambda.FunctionError",
      "Lambda.FunctionError",
      "Lambda.FunctionError",
    ]);
  });
});

describe("a processed batch", () => {
  const rules = {
    prefix: parsePrefix("dt=!{partitionKeyFromLambda:dt}/"),
    partitionKeys: ["dt"],
    activePartitions: new Set<string>(),
  };
  const ok = (partitionKeys: unknown) => ({ kind: "ok" as const, data: Buffer.from("row"), partitionKeys });
  const buffersOf = (...partitionKeys: unknown[]) =>
    place(
      partitionKeys.map((_keys, index) => recordOf(index)),
      partitionKeys.map(ok),
      rules,
      ATTEMPT,
    ).next.map(({ buffer }) => buffer);

  test("is partitioned by the keys in the prefix, and no other", () => {
    expect(buffersOf({ dt: "1", camera: "a" }, { camera: "b", dt: "1" }, { dt: "2" })).toEqual([
      'data:{"dt":"1"}',
      'data:{"dt":"1"}',
      'data:{"dt":"2"}',
    ]);
  });

  test.each([
    [undefined, "partitionKeys values must not be null or empty: dt"],
    [{ dt: "" }, "partitionKeys values must not be null or empty: dt"],
    [{ dt: null }, "partitionKeys values must not be null or empty: dt"],
    [{ dt: 20261120 }, "partitionKeys values must be strings: dt"],
    [{ dt: "x".repeat(509) }, "the evaluated prefix has 513 characters, over 512"],
    [{ dt: "../.." }, 'the evaluated prefix dt=../../ contains "..", which the local S3 refuses'],
  ])("fails a record whose partition keys are %j", (partitionKeys, message) => {
    const { next, counts } = place([recordOf(7)], [ok(partitionKeys)], rules, ATTEMPT);
    expect(counts).toEqual({ ok: 0, dropped: 0, failed: 1 });
    expect(next.map(({ buffer, data }) => [buffer, JSON.parse(String(data)) as unknown])).toEqual([
      [
        "error:processing-failed",
        {
          attemptsMade: 1,
          arrivalTimestamp: 1_795_000_000_007,
          errorCode: "DynamicPartitioning.MetadataExtractionFailed",
          errorMessage: message,
          attemptEndingTimestamp: 1_795_000_060_000,
          rawData: "cmVjb3JkIDc=",
          lambdaARN: "arn:aws:lambda:::function:f",
        },
      ],
    ]);
  });

  test("with 500 active partitions may use those, and no other", () => {
    const activePartitions = new Set(Array.from({ length: 500 }, (_one, index) => `data:{"dt":"${index}"}`));
    const outcomes = [ok({ dt: "499" }), ok({ dt: "500" })];
    const { next } = place([recordOf(1), recordOf(2)], outcomes, { ...rules, activePartitions }, ATTEMPT);
    expect(next.map(({ buffer }) => buffer)).toEqual(['data:{"dt":"499"}', "error:activePartitionExceeded"]);
  });

  test("ends with every record exactly once in data, in the error output, or dropped, whatever the response", () => {
    const result = fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom("Ok", "Dropped", "ProcessingFailed") },
      { weight: 1, arbitrary: fc.constantFrom("ok", null, undefined) },
    );
    const entry = fc.record({
      of: fc.nat(11),
      result,
      hasData: fc.boolean(),
      dt: fc.constantFrom("1", "2", "", null),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), fc.array(entry, { maxLength: 14 }), (count, entries) => {
        const records = Array.from({ length: count }, (_one, index) => recordOf(index));
        const payload = response(
          entries.map(({ of, result, hasData, dt }) => ({
            recordId: recordIdOf(recordOf(of)),
            result,
            ...(hasData && { data: Buffer.from(`record ${of}`).toString("base64") }),
            metadata: { partitionKeys: { dt } },
          })),
        );
        const outcomes = readResponse(payload, records);
        const { next, counts } = place(records, outcomes, rules, ATTEMPT);
        const ended = next.map(({ buffer, data }) =>
          buffer.startsWith("error:")
            ? Buffer.from((JSON.parse(String(data)) as { rawData: string }).rawData, "base64").toString()
            : String(data),
        );
        const dropped = records.filter((_record, index) => outcomes[index]!.kind === "dropped");
        expect([...ended, ...dropped.map(({ data }) => String(data))].toSorted()).toEqual(
          records.map(({ data }) => String(data)).toSorted(),
        );
        expect(counts.ok + counts.dropped + counts.failed).toBe(count);
      }),
    );
  });

  test("is sent with ids that are unique, and the same at each attempt", () => {
    const records = [recordOf(9), recordOf(10)];
    const ids = (invocationId: string) => {
      const event = processorEvent(records, { invocationId, deliveryStreamArn: "arn", region: "us-east-1" });
      return (JSON.parse(event) as { records: { recordId: string }[] }).records.map(
        ({ recordId }) => recordId,
      );
    };
    expect(ids("first")).toEqual([
      "49660000000000000000000000000000000000000000000009000000",
      "49660000000000000000000000000000000000000000000010000000",
    ]);
    expect(ids("second")).toEqual(ids("first"));
  });
});
