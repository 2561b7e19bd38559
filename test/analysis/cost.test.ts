import { describe, expect, test } from "@jest/globals";
import * as v from "valibot";
import {
  analysisCostUsd,
  FLEET_DEFAULTS,
  fleetCost,
  motionAnalysis,
  totalUsd,
  unstoppedFaceSearchUsd,
  type Fleet,
} from "../../analysis/cost.ts";
import { listPrices, withOverrides } from "../../analysis/prices.ts";
import { cameraSettings } from "../../schemas/camera.ts";
import { ENGINES } from "../../schemas/engine.ts";
import { PRICE_NAMES, priceOverrides } from "../../schemas/prices.ts";

/** 100 cameras, 30 motions a day of 20 s: 90,000 motions and sessions, 1,800,000 s of video, 135,000 labels a month. */
const fleet: Fleet = { ...FLEET_DEFAULTS, cameras: 100, motionsPerDay: 30, seconds: 20 };

const usdOf = (lines: ReturnType<typeof fleetCost>) =>
  Object.fromEntries(lines.map(({ service, what, usd }) => [`${service}: ${what}`, Number(usd.toFixed(6))]));

describe("the cost of analysis", () => {
  const of = (analysedMs: number, samples = 0) => ({ analysedMs, samples });

  test("is the price per minute of video with stream processors", () => {
    expect(analysisCostUsd("stream-processor", of(60_000))).toBe(0.00817);
    expect(analysisCostUsd("stream-processor", of(20_000))).toBeCloseTo(0.0027233333, 10);
    expect(analysisCostUsd("stream-processor", of(0))).toBe(0);
  });

  test("is the price per sample with frames", () => {
    expect(analysisCostUsd("frames", of(60_000, 14))).toBe(0.014);
    expect(analysisCostUsd("frames", of(60_000, 0))).toBe(0);
  });
});

describe("the samples of a motion", () => {
  const samples = (seconds: number, given: Partial<Fleet> = {}) =>
    motionAnalysis({ ...FLEET_DEFAULTS, seconds, ...given }).samples;

  test("are those of the engine's own rule, in each session of the motion", () => {
    // At 0, 1, 3, 7, 12 and 17 s
    expect(samples(20)).toBe(6);
    // Two sessions of 30 s, with 22 and 27 s as well
    expect(samples(60)).toBe(16);
    // One session, up to 57 s
    expect(samples(60, { sessionSeconds: 120 })).toBe(14);
    // At 0, 1, 3, 7, 15, 31 and 47 s
    expect(samples(60, { sessionSeconds: 120, maxSampleGapSeconds: 16 })).toBe(7);
    expect(samples(0.1)).toBe(1);
  });

  test("end at the first after which every label is detected, in each session again", () => {
    // At 0, 1 and 3 s
    expect(samples(20, { detectedAfterSeconds: 2 })).toBe(3);
    // And at the start of the second session
    expect(samples(60, { detectedAfterSeconds: 2 })).toBe(4);
    expect(samples(60, { detectedAfterSeconds: 33 })).toBe(8 + 3);
    expect(samples(20, { detectedAfterSeconds: 18 })).toBe(6);
  });

  test("are at most as far apart as a camera's samples by default", () => {
    const camera = v.parse(cameraSettings, { cameraId: "porch" });
    expect(FLEET_DEFAULTS.maxSampleGapSeconds).toBe(camera.maxSampleGapSeconds);
    expect(FLEET_DEFAULTS.sessionSeconds).toBe(camera.maxDurationSeconds);
  });
});

describe("the monthly cost of a fleet", () => {
  test("equals a sum computed by hand", () => {
    const lines = fleetCost("stream-processor", fleet);
    expect(usdOf(lines)).toEqual({
      // 30,000 minutes
      "Rekognition: streaming video": 245.1,
      // 1,800,000 s of 0.25 MB: 450 GB
      "Kinesis Video: video in": 3.825,
      "Kinesis Video: video read by the engine": 3.825,
      // 15 GB a day, stored for a day
      "Kinesis Video: video stored": 0.345,
      // 225,000 notifications
      "SNS: notifications": 0.1125,
      // 135,000 + 2 × 90,000: both streams get the completion notifications
      "SNS: deliveries to Firehose": 0.05985,
      // 405,000 records of 5 KB: 2.025 GB
      "Firehose: ingestion, 5 KB per record": 0.0783,
      // 450,000 of them become rows: 2.25 GB
      "Firehose: conversion to Parquet": 0.0405,
      "Firehose: partitioning": 0.045,
      // 43,200 minutes, three tables
      "Firehose: partitioned objects": 0.648,
      // 180,000 + 450,000
      "Lambda: requests": 0.126,
      // (630,000 × 40 ms + 540,000 × 0.1 ms) × 0.5 GB: 12,627 GB-s
      "Lambda: compute": 0.21045,
      // 135,000 decisions of 40 ms: 2,700 GB-s
      "Lambda: alerts: requests": 0.027,
      "Lambda: alerts: compute": 0.045,
      // 540,000 writes, 675,000 reads and 405,000 requests
      "DynamoDB: alerts: writes": 0.3375,
      "DynamoDB: alerts: reads": 0.084375,
      "SQS: alerts: requests": 0.162,
      // 765,000 invocations, all traced, of 1 KB of logs
      "X-Ray: traces": 3.825,
      "CloudWatch: logs": 0.3825,
      // Four metrics, whatever the fleet
      "CloudWatch: metrics": 1.2,
      "HTTP API: motion start and stop": 0.18,
      "DynamoDB: writes": 0.50625,
      "DynamoDB: reads": 0.1125,
      "SQS: requests": 0.324,
      "EventBridge: events": 0.27,
      // 270,000 images + 259,200 objects
      "S3: PUT requests, objects and images": 2.646,
      // 40.5 GB
      "S3: one month of images stored": 0.9315,
      // 600 queries of 50 MB: 0.03 TB
      "Athena: bytes scanned": 0.15,
    });
    expect(totalUsd(lines)).toBeCloseTo(265.599, 2);
  });

  test("with frames equals that of stream processors, except for samples and their steps", () => {
    const [usual, frames] = [usdOf(fleetCost("stream-processor", fleet)), usdOf(fleetCost("frames", fleet))];
    const differing = Object.entries({ ...usual, ...frames })
      .filter(([line]) => usual[line] !== frames[line])
      .map(([line]) => [line, frames[line]]);
    expect(Object.fromEntries(differing)).toEqual({
      "Rekognition: streaming video": undefined,
      // 90,000 motions of 6 samples
      "Rekognition: images": 540,
      "Kinesis Video: video read by the engine": undefined,
      "Kinesis Video: images of samples": 5.4,
      // 1.5 × 540,000 + 2 × 90,000: 990,000 steps
      "Lambda: steps: requests": 0.198,
      // 990,000 × 600 ms × 1 GB: 594,000 GB-s
      "Lambda: steps: compute": 9.90002,
      // 765,000 + 990,000 invocations
      "X-Ray: traces": 8.775,
      "CloudWatch: logs": 0.8775,
      "DynamoDB: steps: writes": 1.2375,
      "DynamoDB: steps: reads": 0.2475,
      "SQS: steps: requests": 1.188,
    });
  });

  test("falls with frames where every label is detected early", () => {
    const early = fleetCost("frames", { ...fleet, detectedAfterSeconds: 0 });
    expect(usdOf(early)["Rekognition: images"]).toBe(90);
    expect(early[0]!.assumption).toBe("every label detected after 0 s, then no more samples");
  });

  test("with faces has a search per person of each image, and samples to the end of each session", () => {
    const searching = { ...fleet, personsPerImage: 0.5, detectedAfterSeconds: 0 };
    const [without, usd] = [usdOf(fleetCost("frames", fleet)), usdOf(fleetCost("frames", searching))];
    const differing = Object.entries(usd).filter(([line, amount]) => without[line] !== amount);
    expect(Object.fromEntries(differing)).toEqual({
      // 540,000 images of 0.5 persons
      "Rekognition: faces: searches": 270,
      // 39.3 % of them show a person: 212,473
      "Kinesis Video: faces: images": 2.124734,
      "Lambda: faces: requests": 0.042495,
      "Lambda: faces: compute": 3.541231,
      "SQS: faces: requests": 0.254968,
      "DynamoDB: faces: reads": 0.060309,
      "DynamoDB: faces: writes": 0.16875,
      // 270,000 rows of 5 KB: 1.35 GB
      "Firehose: faces: ingestion, 5 KB per record": 0.03915,
      "Firehose: faces: conversion to Parquet": 0.0243,
      "Firehose: faces: partitioning": 0.027,
      // 212,473 more calls
      "X-Ray: traces": 9.837367,
      "CloudWatch: logs": 0.983737,
    });
  });

  test("with face-search has minutes, a data stream per camera and faces, and no labels", () => {
    const usd = usdOf(fleetCost("face-search", { ...fleet, personsPerImage: 0.5 }));
    expect(
      Object.fromEntries(Object.entries(usd).filter(([line]) => /Rekognition|Kinesis:|faces/.test(line))),
    ).toEqual({
      // 30,000 minutes
      "Rekognition: face search in streaming video": 3600,
      // 100 streams of 720 hours
      "Kinesis: shards": 1080,
      // 2,700,000 records, in 540,000 batches
      "Kinesis: records": 0.0378,
      "Lambda: faces: requests": 0.108,
      // 2,700,000 × 20 ms × 0.5 GB: 27,000 GB-s
      "Lambda: faces: compute": 0.450001,
      "DynamoDB: faces: reads": 0.23625,
      // 1,350,000 rows of 5 KB: 6.75 GB
      "Firehose: faces: ingestion, 5 KB per record": 0.19575,
      "Firehose: faces: conversion to Parquet": 0.1215,
      "Firehose: faces: partitioning": 0.135,
    });
    expect(usd["S3: one month of images stored"]).toBeUndefined();
  });

  test("of a face-search processor that nothing stops is thousands a month", () => {
    expect(unstoppedFaceSearchUsd()).toBeCloseTo(5184, 6);
  });

  test("has as many sessions as a motion needs", () => {
    // 61 s are three sessions of 30 s: 270,000 of 9 writes
    expect(usdOf(fleetCost("stream-processor", { ...fleet, seconds: 61 }))["DynamoDB: writes"]).toBe(1.51875);
  });

  test("of a thousand alerts has their turns, events, messages and e-mails", () => {
    const alerts = { ...fleet, cameras: 1, motionsPerDay: 0, queriesPerDay: 0, alertsPerDay: 1000 / 30 };
    const usd = usdOf(fleetCost("frames", { ...alerts, alertsBy: "email" }));
    expect(usd).toEqual({
      // 4,000 decisions of 40 ms and 3,000 messages of 300 ms: 530 GB-s
      "Lambda: alerts: requests": 0.0014,
      "Lambda: alerts: compute": 0.008833,
      // 25,000 writes, 23,000 reads and 21,000 requests
      "DynamoDB: alerts: writes": 0.015625,
      "DynamoDB: alerts: reads": 0.002875,
      "SQS: alerts: requests": 0.0084,
      "EventBridge: alerts: events": 0.003,
      "SNS: alerts: publications": 0.0005,
      "SNS: alerts: e-mails": 0.02,
      "X-Ray: traces": 0.035,
      "CloudWatch: logs": 0.0035,
    });
    const byWebhook = fleetCost("frames", alerts);
    expect(totalUsd(byWebhook)).toBeCloseTo(0.0786, 4);
  });

  test("includes the upload of all video where it is always uploaded, and no more analysis", () => {
    const usd = usdOf(fleetCost("stream-processor", { ...fleet, video: "always", cameras: 1 }));
    // 2,592,000 s of 0.25 MB: 648 GB
    expect(usd["Kinesis Video: video in"]).toBe(5.508);
    expect(usd["Kinesis Video: video read by the engine"]).toBe(0.03825);
  });

  test.each(ENGINES)(
    "names the assumption behind every amount that is not given, with the engine %s",
    (engine) => {
      const given = fleetCost(engine, fleet).filter(({ assumption }) => assumption === undefined);
      const ofEngine = engine === "frames" ? [] : ["Rekognition"];
      expect(given.map(({ service }) => service)).toEqual([...ofEngine, "HTTP API"]);
    },
  );
});

describe("list prices", () => {
  test("include every price, with date, source and how reliable it is", () => {
    expect(listPrices.asOf).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(Object.keys(listPrices.prices).toSorted()).toEqual([...PRICE_NAMES].toSorted());
    for (const { source, standing, usd } of Object.values(listPrices.prices)) {
      expect(source).toMatch(/^https:\/\/aws\.amazon\.com\/.+\/pricing\//);
      expect(["documented", "secondary", "unconfirmed"]).toContain(standing);
      expect(usd).toBeGreaterThan(0);
    }
  });

  test("are replaced by the prices in a file; the rest stays", () => {
    const file = v.parse(priceOverrides, {
      asOf: "2027-01-31",
      prices: { rekognitionStreamingMinute: { usd: 0.02 } },
    });
    const prices = withOverrides(listPrices, file);
    expect(analysisCostUsd("stream-processor", { analysedMs: 120_000, samples: 0 }, prices)).toBe(0.04);
    expect([prices.asOf, prices.region]).toEqual(["2027-01-31", "us-east-1"]);
    expect(prices.prices.s3Put).toEqual(listPrices.prices.s3Put);
    expect(prices.prices.rekognitionStreamingMinute).toMatchObject({
      per: 1,
      unit: "minutes of video",
      source: "the file of prices",
    });
  });
});
