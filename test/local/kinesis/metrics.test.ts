import { expect, test } from "@jest/globals";
import { serviceMetrics } from "../../../local/monitoring/service-metrics.ts";

const metricsOf = (name: string, detail: Record<string, unknown>): Record<string, number> =>
  Object.fromEntries(
    serviceMetrics({ service: "kinesis", name, detail: { streamName: "porch", ...detail }, atMs: 1 }).map(
      (point) => {
        expect(point).toMatchObject({
          namespace: "AWS/Kinesis",
          dimensions: { StreamName: "porch" },
          atMs: 1,
        });
        return [point.name, point.value];
      },
    ),
  );

test("a record that is put counts as incoming, and one that is refused does not", () => {
  expect(metricsOf("record-put", { sizeBytes: 10 })).toEqual({
    IncomingRecords: 1,
    IncomingBytes: 10,
    "PutRecord.Bytes": 10,
    "PutRecord.Success": 1,
    WriteProvisionedThroughputExceeded: 0,
  });
  expect(metricsOf("record-put", { sizeBytes: 10, error: "throttled" })).toEqual({
    "PutRecord.Success": 0,
    WriteProvisionedThroughputExceeded: 1,
  });
});

test("of PutRecords, stored and throttled records are counted apart", () => {
  expect(metricsOf("records-put", { records: 2, throttled: 1, sizeBytes: 20 })).toEqual({
    IncomingRecords: 2,
    IncomingBytes: 20,
    "PutRecords.Bytes": 20,
    "PutRecords.Success": 1,
    "PutRecords.TotalRecords": 3,
    "PutRecords.SuccessfulRecords": 2,
    "PutRecords.FailedRecords": 0,
    "PutRecords.ThrottledRecords": 1,
    WriteProvisionedThroughputExceeded: 1,
  });
});

test("a read reports its records and the age of the last one", () => {
  expect(metricsOf("records-read", { records: 3, sizeBytes: 30, iteratorAgeMs: 500 })).toEqual({
    "GetRecords.Records": 3,
    "GetRecords.Bytes": 30,
    "GetRecords.Success": 1,
    "GetRecords.IteratorAgeMilliseconds": 500,
    ReadProvisionedThroughputExceeded: 0,
  });
  expect(metricsOf("read-throttled", {})).toEqual({
    "GetRecords.Success": 0,
    ReadProvisionedThroughputExceeded: 1,
  });
});
