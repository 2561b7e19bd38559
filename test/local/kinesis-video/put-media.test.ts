import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DeleteStreamCommand, KinesisVideoClient } from "@aws-sdk/client-kinesis-video";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { kinesisVideo } from "../../../local/kinesis-video/index.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";
import { createCamera, storedTimes, emitted } from "./camera.ts";
import { Producer, putAll } from "./producer.ts";
import { fragment, header, openFragment } from "./recording.ts";

const MEGABYTE = 1_000_000;
const number = expect.stringMatching(/^\d{47}$/);

describe("PutMedia", () => {
  let local: TestCloud;
  beforeAll(async () => {
    local = await startTestCloud({ services: [kinesisVideo] });
  });
  afterAll(() => local.stop());

  const stream = (retentionHours?: number) => createCamera(local, retentionHours);

  test("acknowledges each fragment when it starts, when it is complete and when it is stored, while the body still arrives", async () => {
    const camera = await stream();
    const producer = await Producer.connect(camera);
    expect(producer.status).toBe(200);
    producer.send(header(), openFragment(1000));
    const first = await producer.ack();
    expect(first).toEqual({ eventType: "BUFFERING", fragmentTimecode: 1000, fragmentNumber: number });
    producer.send(openFragment(3000));
    const { fragmentNumber } = first!;
    expect(await producer.ack()).toEqual({ eventType: "RECEIVED", fragmentTimecode: 1000, fragmentNumber });
    expect(await producer.ack()).toEqual({ eventType: "PERSISTED", fragmentTimecode: 1000, fragmentNumber });
    expect(await storedTimes(local, camera)).toEqual([1000]);
    producer.end();
    expect(
      (await producer.acks()).map(({ eventType, fragmentTimecode }) => [eventType, fragmentTimecode]),
    ).toEqual([
      ["BUFFERING", 3000],
      ["RECEIVED", 3000],
      ["PERSISTED", 3000],
    ]);
    expect((await emitted(local, "fragment-stored", camera)).detail).toEqual({
      streamName: camera.streamName,
      fragmentNumber,
      producerMs: 1000,
      lengthMs: 2000,
      sizeBytes: expect.any(Number),
    });
  });

  test("stores a fragment of known size with its last byte, without waiting for the next", async () => {
    const producer = await Producer.connect(await stream());
    producer.send(header(), fragment(1000));
    expect((await producer.ack())!.eventType).toBe("BUFFERING");
    expect((await producer.ack())!.eventType).toBe("RECEIVED");
    expect((await producer.ack())!.eventType).toBe("PERSISTED");
    producer.hangUp();
  });

  test("sends no PERSISTED in a stream without retention", async () => {
    const acks = await putAll(await stream(0), header(), fragment(1000));
    expect(acks.map(({ eventType }) => eventType)).toEqual(["BUFFERING", "RECEIVED"]);
  });

  test("adds the producer's start to relative timecodes only", async () => {
    const camera = await stream();
    const producerStartMs = 1_700_000_000_250;
    await putAll({ ...camera, producerStartMs }, header(), fragment(1_600_000_000_000));
    await putAll(
      { ...camera, producerStartMs, timecodeType: "RELATIVE" },
      header(),
      fragment(0),
      fragment(2000),
    );
    expect(await storedTimes(local, camera)).toEqual([
      1_600_000_000_000, 1_700_000_000_250, 1_700_000_002_250,
    ]);
  });

  test("accepts a later start in a new connection, and an earlier one", async () => {
    const camera = await stream();
    for (const timecode of [5000, 9000, 1000]) await putAll(camera, header(), fragment(timecode));
    expect(await storedTimes(local, camera)).toEqual([5000, 9000, 1000]);
  });

  test("refuses milliseconds in place of the producer start's seconds as an invalid producer timestamp", async () => {
    const camera = { ...(await stream()), timecodeType: "RELATIVE" as const };
    const headers = { "x-amzn-producer-start-timestamp": "1700000000000" };
    const acks = await putAll({ ...camera, headers }, header(), fragment(0));
    expect(acks.at(-1)).toMatchObject({ errorId: 4007, errorCode: "INVALID_PRODUCER_TIMESTAMP" });
  });

  test("still sends the error to a producer that continues to send, and then cuts the connection", async () => {
    const producer = await Producer.connect(await stream());
    producer.send(header(), fragment(1000), new Uint8Array(8 * MEGABYTE));
    expect((await producer.acks()).at(-1)).toMatchObject({ errorId: 4006 });
    const cut = producer.closed();
    local.clock.turn(2000);
    await cut;
  });

  test("sends 4008 when the stream is deleted", async () => {
    const camera = await stream();
    const producer = await Producer.connect(camera);
    producer.send(header(), fragment(1000));
    for (const expected of ["BUFFERING", "RECEIVED", "PERSISTED"])
      expect((await producer.ack())!.eventType).toBe(expected);
    await local.client(KinesisVideoClient).send(new DeleteStreamCommand({ StreamARN: camera.arn }));
    expect(await producer.acks()).toEqual([
      { eventType: "ERROR", errorId: 4008, errorCode: "STREAM_NOT_ACTIVE" },
    ]);
    producer.hangUp();
  });

  test("sends it at once to a producer that is throttled, and reads no more of its data", async () => {
    const camera = await stream();
    const producer = await Producer.connect(camera);
    const timecodes = Array.from({ length: 200 }, (_, index) => 1000 + 2000 * index);
    producer.send(header(), ...timecodes.map((timecode) => fragment(timecode)));
    expect((await producer.ack())!.eventType).toBe("BUFFERING");
    await local.client(KinesisVideoClient).send(new DeleteStreamCommand({ StreamARN: camera.arn }));
    const acks = await producer.acks();
    expect(acks.at(-1)).toMatchObject({ eventType: "ERROR", errorId: 4008 });
    expect(acks.length).toBeLessThan(200);
    producer.hangUp();
  });

  test("loses only the incomplete fragment when the producer closes the connection, and emits 4000", async () => {
    const camera = await stream();
    const producer = await Producer.connect(camera);
    producer.send(header(), fragment(1000), openFragment(3000));
    for (const expected of ["BUFFERING", "RECEIVED", "PERSISTED", "BUFFERING"])
      expect((await producer.ack())!.eventType).toBe(expected);
    producer.hangUp();
    expect((await emitted(local, "put-media-error", camera)).detail).toMatchObject({
      errorId: 4000,
      errorCode: "STREAM_READ_ERROR",
      fragmentTimecode: 3000,
    });
    expect(await storedTimes(local, camera)).toEqual([1000]);
  });

  test("sends 5001 for a fragment that could not be written", async () => {
    const camera = await stream();
    const folder = join(local.cloud.dataFolder, "kinesis-video", camera.arn.split("/").slice(1).join("-"));
    rmSync(folder, { recursive: true });
    writeFileSync(folder, "in the way");
    const acks = await putAll(camera, header(), fragment(1000));
    expect(acks.map(({ eventType, errorId }) => [eventType, errorId])).toEqual([
      ["BUFFERING", undefined],
      ["RECEIVED", undefined],
      ["ERROR", 5001],
    ]);
  });

  test("refuses a second connection to a stream, but not a later one", async () => {
    const camera = await stream();
    const first = await Producer.connect(camera);
    const second = await Producer.connect(camera);
    expect([second.status, second.errorType]).toEqual([400, "ConnectionLimitExceededException"]);
    second.hangUp();
    first.send(header(), fragment(1000));
    first.end();
    expect(await first.acks()).toHaveLength(3);
    expect(await putAll(camera, header(), fragment(3000))).toHaveLength(3);
  });

  test("sends IDLE every ten seconds without data and closes the request after thirty", async () => {
    const camera = await stream();
    const producer = await Producer.connect(camera);
    producer.send(header(), fragment(1000), openFragment(3000));
    for (const expected of ["BUFFERING", "RECEIVED", "PERSISTED", "BUFFERING"])
      expect((await producer.ack())!.eventType).toBe(expected);
    for (let quiet = 0; quiet < 2; quiet++) {
      local.clock.turn(10_000);
      expect(await producer.ack()).toEqual({ eventType: "IDLE" });
    }
    local.clock.turn(10_000);
    expect((await producer.acks()).map(({ eventType }) => eventType)).toEqual(["RECEIVED", "PERSISTED"]);
    expect(await storedTimes(local, camera)).toEqual([1000, 3000]);
    producer.hangUp();
  });

  test("closes the request after 45 minutes with 4003", async () => {
    const producer = await Producer.connect(await stream());
    producer.send(header());
    for (let seconds = 0; seconds < 2700; seconds += 27) {
      producer.send(fragment(seconds * 1000 + 1));
      for (let ack; ack?.eventType !== "PERSISTED";) ack = await producer.ack();
      local.clock.turn(27_000);
    }
    expect((await producer.acks()).at(-1)).toEqual({
      eventType: "ERROR",
      errorId: 4003,
      errorCode: "MAX_CONNECTION_DURATION_REACHED",
    });
    producer.hangUp();
  });

  test.each([
    [
      "neither a stream's name nor its ARN",
      { "x-amzn-stream-name": undefined },
      400,
      "InvalidArgumentException",
    ],
    [
      "both",
      { "x-amzn-stream-arn": "arn:aws:kinesisvideo:us-east-1:0:stream/a/1" },
      400,
      "InvalidArgumentException",
    ],
    ["an unknown stream", { "x-amzn-stream-name": "nowhere" }, 404, "ResourceNotFoundException"],
    ["no timecode type", { "x-amzn-fragment-timecode-type": undefined }, 400, "InvalidArgumentException"],
    [
      "an unknown timecode type",
      { "x-amzn-fragment-timecode-type": "SOMETIMES" },
      400,
      "InvalidArgumentException",
    ],
    [
      "a start that is no number",
      { "x-amzn-producer-start-timestamp": "yesterday" },
      400,
      "InvalidArgumentException",
    ],
    [
      "relative timecodes without a start",
      { "x-amzn-fragment-timecode-type": "RELATIVE", "x-amzn-producer-start-timestamp": undefined },
      400,
      "InvalidArgumentException",
    ],
  ])("refuses a request with %s before it reads the body", async (_what, headers, status, errorType) => {
    const producer = await Producer.connect({ ...(await stream()), headers });
    expect([producer.status, producer.errorType]).toEqual([status, errorType]);
    producer.hangUp();
  });
});
