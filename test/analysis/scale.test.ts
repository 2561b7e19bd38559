import { describe, expect, test } from "@jest/globals";
import { FLEET_DEFAULTS, type Fleet } from "../../analysis/cost.ts";
import { scaleOf, type Scale } from "../../analysis/scale.ts";

/** 100 motions a second at the peak, 200 at a time. */
const fleet: Fleet = {
  ...FLEET_DEFAULTS,
  cameras: 288_000,
  motionsPerDay: 10,
  seconds: 2,
  labelsPerMotion: 2,
};
const peak = { timesMean: 3 };
const need = ({ needs }: Scale, name: string) => needs.find((one) => one.name === name)?.needed;

describe("what a fleet needs at its peak", () => {
  const processor = scaleOf("stream-processor", fleet, peak, 16);
  const frames = scaleOf("frames", fleet, peak, 16);

  test("follows from its motions: sessions that overlap, requests, notifications and their bytes", () => {
    expect(processor).toMatchObject({ motionsPerSecond: 100, sessionsAtATime: 200 });
    expect(need(processor, "labelSessions")).toBe(200);
    expect(need(processor, "processorStarts")).toBe(100);
    expect(need(processor, "httpApi")).toBe(200);
    expect(need(processor, "publishes")).toBe(300);
    expect(need(processor, "firehoseBytes")).toBeCloseTo(0.572, 3);
    expect(need(processor, "s3Puts")).toBe(400);
  });

  test("is of one engine: sessions of a stream processor, or samples and their steps", () => {
    expect(need(processor, "detectLabels")).toBeUndefined();
    expect(need(frames, "labelSessions")).toBeUndefined();
    // A motion of 2 s is sampled at 0 and 1 s; a session has 1.5 steps a sample and two at its end, of 600 ms.
    expect(need(frames, "detectLabels")).toBe(200);
    expect(need(frames, "lambda")! - need(processor, "lambda")!).toBeCloseTo(300);
  });

  test("counts a session for each part of a motion that is longer than one", () => {
    const long = scaleOf("stream-processor", { ...fleet, seconds: 61, sessionSeconds: 30 }, peak, 16);
    expect(need(long, "processorStarts")).toBe(300);
  });

  test("is the same of the lake's partitions for any number of cameras", () => {
    const small = scaleOf("frames", { ...fleet, cameras: 10 }, peak, 16);
    expect(need(small, "firehosePartitions")).toBe(need(frames, "firehosePartitions"));
  });
});

test("the wake index needs a shard for each thousand writes a second, each of which moves an entry", () => {
  // 100 sessions a second of nine writes, as `cost` assumes: 1,800 writes of the index.
  expect(scaleOf("frames", fleet, peak, 16).wakeShards).toBe(2);
  expect(need(scaleOf("frames", fleet, peak, 16), "partitionWrites")).toBe(112.5);
});

test("accounts are needed until each of their limits holds, those of a delivery stream aside", () => {
  // 288,000 streams of 10,000 bind before 100 starts of 20.
  expect(scaleOf("stream-processor", fleet, peak, 16)).toMatchObject({ accounts: 29, deliveryStreams: 1 });
  const busy = scaleOf("stream-processor", { ...fleet, motionsPerDay: 1000 }, peak, 16);
  expect(busy).toMatchObject({ accounts: 500, deliveryStreams: 15 });
});

test("registration takes as long as its slowest call", () => {
  expect(scaleOf("stream-processor", fleet, peak, 16).registrationHours).toBe(4);
  expect(scaleOf("frames", fleet, peak, 16).registrationHours).toBe(1.6);
});
