import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { TurnableClock } from "../../../base/clock.ts";
import type { Clock } from "../../../base/clock.ts";
import { FragmentBuffer } from "../../../uploader/sources/fragment-buffer.ts";
import type { UploadError } from "../../../uploader/upload/summary.ts";
import { Upload, type UploadSettings } from "../../../uploader/upload/upload.ts";
import type { VideoSource } from "../../../uploader/sources/source.ts";
import { VideoStream } from "../../../uploader/video-stream.ts";
import { FakeService, persist } from "../fake-service.ts";
import { syntheticFragment, syntheticSource } from "../synthetic-source.ts";

const startMs = 1_763_700_000_000;
const at = (...seconds: number[]) => seconds.map((second) => startMs + second * 1000);

/** Waits take no time, but are recorded. */
class HastyClock implements Clock {
  readonly offsetMs = 0;
  nowMs = startMs;
  readonly waitsMs: number[] = [];
  now(): number {
    return this.nowMs;
  }
  after(delayMs: number, run: () => void) {
    // The limit of a quiet source, which none is here.
    if (delayMs === 25_000) return { cancel: () => {} };
    this.waitsMs.push(delayMs);
    const immediate = setImmediate(() => {
      this.nowMs += delayMs;
      run();
    });
    return { cancel: () => clearImmediate(immediate) };
  }
}

let service: FakeService;
let stream: VideoStream;
let clock: HastyClock;
beforeEach(async () => {
  service = await FakeService.start();
  clock = new HastyClock();
  stream = new VideoStream("front-door", {
    endpoint: service.endpoint,
    region: "eu-west-1",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
  });
});
afterEach(() => {
  stream.close();
  service.stop();
});

const send = (source: VideoSource, options: Partial<UploadSettings> = {}) =>
  new Upload(source, {
    stream,
    startMs,
    timecodeType: "ABSOLUTE",
    startFrom: "given",
    pace: "fast",
    clock,
    random: () => 0.5,
    ...options,
  }).run();

const failureOf = (sending: Promise<unknown>): Promise<UploadError> =>
  sending.then(
    () => Promise.reject(new Error("it succeeded")),
    (error: UploadError) => error,
  );

describe("Upload", () => {
  test("sends every fragment on one connection and is done when each is persisted", async () => {
    const source = syntheticSource(5);
    const summary = await send(source);
    expect(service.requests).toEqual(["/describeStream", "/getDataEndpoint", "/putMedia"]);
    expect(service.arrived).toEqual([at(0, 1, 2, 3, 4)]);
    expect(summary).toMatchObject({
      fragments: 5,
      receivedFragments: 5,
      persistedFragments: 5,
      lostFragments: 0,
      lastPersistedFragmentNumber: `9${startMs + 4000}`,
      safe: [{ fromMs: startMs, toMs: startMs + 5000 }],
      firstProducerMs: startMs,
      lastProducerMs: startMs + 5000,
      connections: 1,
      failures: [],
    });
    expect(source.released).toBe(5);
  });

  test("releases each fragment's memory when it is sent, and adds no listeners for more fragments", async () => {
    service.onFragment = (connection, { timecode }) => persist(connection, timecode);
    const source = syntheticSource(20);
    const freed: number[] = [];
    const listeners: number[] = [];
    await send({
      ...source,
      async *fragments(from, signal) {
        for await (const fragment of source.fragments(from, signal)) {
          yield { ...fragment, free: () => freed.push(fragment.index) };
          listeners.push(getEventListeners(signal!, "abort").length);
        }
      },
    });
    expect(freed).toEqual(Array.from({ length: 20 }, (_, index) => index));
    expect(listeners).toEqual(Array.from({ length: 20 }, () => 1));
  });

  test("sends no more than five fragments a second", async () => {
    await send(syntheticSource(6));
    expect(clock.nowMs - startMs).toBe(1000);
  });

  test("sends at the speed of the video in real time", async () => {
    const arrivalsMs: number[] = [];
    service.onFragment = (connection, { timecode }) => persist(connection, timecode);
    await send(syntheticSource(4), {
      pace: "realtime",
      onProgress: ({ sentFragments }) => (arrivalsMs[sentFragments - 1] ??= clock.nowMs - startMs),
    });
    expect(arrivalsMs).toEqual([1000, 2000, 3000, 4000]);
  });

  test("goes on with the first fragment that was not persisted when a connection breaks", async () => {
    service.onFragment = (connection, { timecode }, index) => {
      if (service.connections.length > 1 || index < 2) return persist(connection, timecode);
      connection.ack("RECEIVED", timecode);
      if (index === 3) connection.hangUp();
    };
    const source = syntheticSource(5);
    const summary = await send(source);
    expect(service.arrived).toEqual([at(0, 1, 2, 3), at(2, 3, 4)]);
    expect(source.readings.slice(0, 2)).toEqual([0, 2]);
    expect(summary).toMatchObject({
      fragments: 5,
      receivedFragments: 5,
      persistedFragments: 5,
      connections: 2,
    });
    expect(summary.failures).toEqual([expect.stringContaining("PutMedia: no response from 127.0.0.1")]);
    // The endpoint is looked up again, in case it moved; the stream's description is not.
    expect(service.requests.filter((path) => path === "/getDataEndpoint")).toHaveLength(2);
    expect(service.requests.filter((path) => path === "/describeStream")).toHaveLength(1);
  });

  test("does not send again what was persisted out of order", async () => {
    service.onFragment = (connection, { timecode }, index) => {
      if (service.connections.length > 1 || index !== 1) persist(connection, timecode);
      if (service.connections.length === 1 && index === 3) connection.hangUp();
    };
    const summary = await send(syntheticSource(5));
    expect(service.arrived).toEqual([at(0, 1, 2, 3), at(1, 4)]);
    expect(summary.safe).toEqual([{ fromMs: startMs, toMs: startMs + 5000 }]);
  });

  test("counts RECEIVED as safe where the stream stores nothing", async () => {
    service.retentionHours = 0;
    service.onFragment = (connection, { timecode }) => connection.ack("RECEIVED", timecode);
    expect(await send(syntheticSource(3))).toMatchObject({
      receivedFragments: 3,
      persistedFragments: 0,
      connections: 1,
    });
  });

  test("opens another connection before the longest duration of one", async () => {
    const summary = await send(syntheticSource(7), { maxConnectionMs: 600 });
    expect(service.arrived).toEqual([at(0, 1, 2, 3), at(4, 5, 6)]);
    expect(summary).toMatchObject({ connections: 2, failures: [] });
  });

  test("has no more in flight than the window until it is acknowledged", async () => {
    let [onTheWay, most] = [0, 0];
    service.onFragment = async (connection, { timecode }) => {
      most = Math.max(most, ++onTheWay);
      await new Promise(setImmediate);
      connection.ack("RECEIVED", timecode);
      onTheWay--;
      connection.ack("PERSISTED", timecode);
    };
    let mostSent = 0;
    await send(syntheticSource(20, { fragmentBytes: 1000 }), {
      windowBytes: 2500,
      onProgress: ({ sentFragments, safeFragments }) =>
        (mostSent = Math.max(mostSent, sentFragments - safeFragments)),
    });
    expect(mostSent).toBe(2);
  });

  test("fails after ten failures in a row with growing waits, and reports what is safe", async () => {
    service.onFragment = (connection, { timecode }, index) => {
      if (service.connections.length === 1 && index < 2) return persist(connection, timecode);
      connection.ack("ERROR", timecode, { ErrorId: 5000 });
    };
    const error = await failureOf(send(syntheticSource(5), { random: () => 1 }));
    expect(error).toMatchObject({
      name: "UploadError",
      code: "INTERNAL_ERROR",
      summary: {
        persistedFragments: 2,
        safe: [{ fromMs: startMs, toMs: startMs + 2000 }],
        connections: 10,
      },
    });
    expect(clock.waitsMs.filter((waitMs) => waitMs > 200)).toEqual([
      500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000,
    ]);
  });

  test("counts failures anew when a fragment is acknowledged", async () => {
    service.onFragment = (connection, { timecode }, index) => {
      if (index === 0) persist(connection, timecode);
      else connection.hangUp();
    };
    const summary = await send(syntheticSource(15), { random: () => 0 });
    expect(summary).toMatchObject({ persistedFragments: 15, connections: 15 });
  });

  test("fails at once on a permanent error", async () => {
    service.onFragment = (connection, { timecode }, index) => {
      if (index === 0) return persist(connection, timecode);
      connection.ack("ERROR", timecode, { ErrorId: 4002 });
    };
    expect(await failureOf(send(syntheticSource(3)))).toMatchObject({
      code: "MAX_FRAGMENT_DURATION_REACHED",
      summary: { persistedFragments: 1, connections: 1 },
    });
  });

  test("waits for the acknowledgements of sent fragments when the source fails", async () => {
    const error = await failureOf(send(syntheticSource(5, { failAt: 3 })));
    expect(error).toMatchObject({
      message: "the disk is gone",
      summary: { fragments: 3, persistedFragments: 3, safe: [{ fromMs: startMs, toMs: startMs + 3000 }] },
    });
    expect(service.arrived).toEqual([at(0, 1, 2)]);
  });

  test("counts a fragment that is never acknowledged as not sent", async () => {
    service.onFragment = (connection, { timecode }, index) => {
      if (service.connections.length > 1 || index < 2) persist(connection, timecode);
    };
    const summary = await send(syntheticSource(3));
    expect(service.arrived).toEqual([at(0, 1, 2), at(2)]);
    expect(summary.failures).toEqual(["PutMedia: 1 fragments were sent but never acknowledged as PERSISTED"]);
  });

  test("fetches credentials for each connection, new ones when they have expired", async () => {
    let keys = 0;
    const rotating = new VideoStream("front-door", {
      endpoint: service.endpoint,
      region: "eu-west-1",
      credentials: async () => ({
        accessKeyId: `KEY${++keys}`,
        secretAccessKey: "b",
        expiration: new Date(Date.now() + 3_600_000),
      }),
    });
    service.onRequest = (path, response, { authorization }) => {
      if (path !== "/putMedia" || !authorization?.includes("KEY1/")) return false;
      response.writeHead(403, { "x-amzn-ErrorType": "ExpiredTokenException" });
      response.end('{"Message":"The security token included in the request is expired"}');
      return true;
    };
    const summary = await send(syntheticSource(2), { stream: rotating });
    rotating.close();
    expect(summary.persistedFragments).toBe(2);
    expect(service.connections[0]!.headers.authorization).toContain("Credential=KEY2/");
  });

  test("ends after the fragment that is being sent when it is interrupted", async () => {
    const stop = new AbortController();
    service.onFragment = (connection, { timecode }, index) => {
      if (index === 1) stop.abort();
      persist(connection, timecode);
    };
    const summary = await send(syntheticSource(100), { signal: stop.signal });
    expect(summary.persistedFragments).toBe(summary.fragments);
    expect(summary.fragments).toBeLessThan(5);
  });

  test("goes on with what a live source still has, and reports what is lost", async () => {
    const buffer = new FragmentBuffer(3 * 10);
    service.onFragment = (connection, { timecode }, index) => {
      if (service.connections.length > 1 || index < 1) return persist(connection, timecode);
      // The second fragment is not acknowledged, while the camera goes on.
      for (let next = 2; next < 7; next++) buffer.push(syntheticFragment(next, 10));
      buffer.end();
      connection.hangUp();
    };
    for (const index of [0, 1]) buffer.push(syntheticFragment(index, 10));
    const live = syntheticSource(0, {
      plan: undefined,
      async *fragments(from, signal) {
        for (let next = from; ; next++) {
          const fragment = await buffer.take(next, signal);
          if (!fragment) return;
          yield fragment;
          next = fragment.index;
        }
      },
      release: (below) => buffer.release(below),
    });
    const summary = await send(live);
    expect(service.arrived).toEqual([at(0, 1), at(4, 5, 6)]);
    expect(summary).toMatchObject({
      fragments: 4,
      lostFragments: 3,
      persistedFragments: 4,
      safe: [
        { fromMs: startMs, toMs: startMs + 1000 },
        { fromMs: startMs + 4000, toMs: startMs + 7000 },
      ],
      notices: expect.arrayContaining([
        expect.stringMatching(
          /^lost \d fragments before 2025-11-21T04:40:04.000Z: they could not be sent in time$/,
        ),
      ]),
    });
  });

  test("ends a quiet connection, and opens another for the next fragment", async () => {
    const turnable = new TurnableClock();
    const buffer = new FragmentBuffer(1000);
    let safe = Promise.withResolvers<void>();
    let ended = Promise.withResolvers<void>();
    service.onFragment = (connection, { timecode }) => {
      persist(connection, timecode);
      safe.resolve();
      const { end } = connection;
      Object.assign(connection, { end: () => (end(), ended.resolve()) });
    };
    buffer.push(syntheticFragment(0));
    const live = syntheticSource(0, {
      plan: undefined,
      async *fragments(from, signal) {
        for (let fragment = await buffer.take(from, signal); fragment;) {
          yield fragment;
          fragment = await buffer.take(fragment.index + 1, signal);
        }
      },
    });
    const sending = send(live, { clock: turnable });
    await safe.promise;
    safe = Promise.withResolvers();
    await new Promise(setImmediate);
    turnable.turn(25_000);
    await ended.promise;
    buffer.push(syntheticFragment(1));
    await safe.promise;
    buffer.end();
    expect(await sending).toMatchObject({ persistedFragments: 2, connections: 2, failures: [] });
  });
});
