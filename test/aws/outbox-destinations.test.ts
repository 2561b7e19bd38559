import type { EventBridgeClient, PutEventsCommandInput } from "@aws-sdk/client-eventbridge";
import type { FirehoseClient, PutRecordBatchCommandInput } from "@aws-sdk/client-firehose";
import { describe, expect, test } from "@jest/globals";
import { eventBus } from "../../aws/event-bus.ts";
import { rowsInto } from "../../aws/rows.ts";
import type { Coverage } from "../../schemas/coverage.ts";
import type { SessionBusEvent } from "../../schemas/bus-event.ts";

/** A client with the given response to each call; it keeps the inputs. */
function fakeClient<Input, Client>(respond: (input: Input, call: number) => unknown) {
  const inputs: Input[] = [];
  const send = async ({ input }: { input: Input }) =>
    await Promise.resolve(respond(input, inputs.push(input)));
  return { inputs, client: { send } as unknown as Client };
}

const event = (number: number, reason = "Access denied to Role"): SessionBusEvent => ({
  type: "SessionFailed",
  detail: {
    eventId: `porch/${number}/failed`,
    cameraId: "porch",
    videoStartAt: "2026-11-21T12:00:00.000Z",
    reason,
  },
});

const row = (number: number, reason?: string): Coverage => ({
  type: "COVERAGE",
  eventId: `porch/${number}`,
  cameraId: "porch",
  outcome: "gap",
  ...(reason !== undefined && { reason }),
  fromMs: number * 1000,
  untilMs: number * 1000 + 1000,
});

const many = <T>(count: number, make: (number: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index + 1));

describe("the event bus", () => {
  const bus = (respond: (input: PutEventsCommandInput, call: number) => unknown) => {
    const { inputs, client } = fakeClient<PutEventsCommandInput, EventBridgeClient>(respond);
    return { inputs, put: eventBus("doorstep-dev", client).put };
  };
  const takesAll = ({ Entries = [] }: PutEventsCommandInput) => ({
    Entries: Entries.map((_, index) => ({ EventId: String(index) })),
  });

  test("is sent at most ten events a call, in their order", async () => {
    const { inputs, put } = bus(takesAll);
    expect(await put(many(23, event))).toEqual(many(23, () => true));
    expect(inputs.map(({ Entries }) => Entries!.length)).toEqual([10, 10, 3]);
    expect(inputs[2]!.Entries![0]).toEqual({
      EventBusName: "doorstep-dev",
      Source: "doorstep",
      DetailType: "SessionFailed",
      Detail:
        '{"eventId":"porch/21/failed","cameraId":"porch","videoStartAt":"2026-11-21T12:00:00.000Z","reason":"Access denied to Role"}',
    });
  });

  test("is sent at most 256 KB a call, counted in bytes", async () => {
    const { inputs, put } = bus(takesAll);
    // 50,000 characters of two bytes each.
    await put(many(5, (number) => event(number, "é".repeat(50_000))));
    expect(inputs.map(({ Entries }) => Entries!.length)).toEqual([2, 2, 1]);
  });

  test("returns which events of a call it refused", async () => {
    const { put } = bus(() => ({
      FailedEntryCount: 1,
      Entries: [{ EventId: "a" }, { ErrorCode: "InternalFailure", ErrorMessage: "later" }, { EventId: "c" }],
    }));
    expect(await put(many(3, event))).toEqual([true, false, true]);
  });

  test("that fails at a later call has accepted what came before, and is called no further", async () => {
    const { inputs, put } = bus((input, call) => {
      if (call === 2) throw new Error("bus down");
      return takesAll(input);
    });
    expect(await put(many(30, event))).toEqual([...many(10, () => true), ...many(20, () => false)]);
    expect(inputs).toHaveLength(2);
  });

  test("that is down throws, and is not called without events", async () => {
    const { inputs, put } = bus(() => {
      throw new Error("bus down");
    });
    await expect(put([event(1)])).rejects.toThrow("bus down");
    expect(await put([])).toEqual([]);
    expect(inputs).toHaveLength(1);
  });
});

describe("rows of the lake", () => {
  const entering = (respond: (input: PutRecordBatchCommandInput, call: number) => unknown) => {
    const { inputs, client } = fakeClient<PutRecordBatchCommandInput, FirehoseClient>(respond);
    return { inputs, enter: rowsInto("doorstep-dev-sessions", client).enter };
  };
  const takesAll = ({ Records = [] }: PutRecordBatchCommandInput) => ({
    FailedPutCount: 0,
    RequestResponses: Records.map((_, index) => ({ RecordId: String(index) })),
  });

  test("is sent at most 500 records a call, each a row", async () => {
    const { inputs, enter } = entering(takesAll);
    expect(await enter(many(501, (number) => row(number)))).toEqual(many(501, () => true));
    expect(inputs.map(({ Records }) => Records!.length)).toEqual([500, 1]);
    expect(inputs[1]!.DeliveryStreamName).toBe("doorstep-dev-sessions");
    expect(Buffer.from(inputs[1]!.Records![0]!.Data!).toString()).toBe(
      '{"type":"COVERAGE","eventId":"porch/501","cameraId":"porch","outcome":"gap","fromMs":501000,"untilMs":502000}',
    );
  });

  test("is sent at most 4 MiB a call", async () => {
    const { inputs, enter } = entering(takesAll);
    await enter(many(9, (number) => row(number, "x".repeat(1_000_000))));
    expect(inputs.map(({ Records }) => Records!.length)).toEqual([4, 4, 1]);
  });

  test("returns which records of a call it refused", async () => {
    const { enter } = entering(() => ({
      FailedPutCount: 1,
      RequestResponses: [{ ErrorCode: "ServiceUnavailableException" }, { RecordId: "b" }],
    }));
    expect(await enter(many(2, (number) => row(number)))).toEqual([false, true]);
  });
});
