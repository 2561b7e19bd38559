import {
  DescribeStreamCommand,
  GetDataEndpointCommand,
  KinesisVideoClient,
} from "@aws-sdk/client-kinesis-video";
import {
  GetMediaForFragmentListCommand,
  KinesisVideoArchivedMediaClient,
  ListFragmentsCommand,
} from "@aws-sdk/client-kinesis-video-archived-media";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Clock } from "../../../base/clock.ts";
import { kinesisVideo } from "../../../local/kinesis-video/index.ts";
import { Quotas } from "../../../local/kinesis-video/quotas.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";
import { createCamera } from "./camera.ts";
import { Producer, putAll } from "./producer.ts";
import { fragment, header } from "./recording.ts";

test("counts a player's requests for each resource of each session", () => {
  const clock: Clock = { now: () => 0, after: () => ({ cancel: () => {} }), offsetMs: 0 };
  const quotas = new Quotas(clock);
  const playlist = "getHLSMediaPlaylist.m3u8";
  for (let count = 0; count < 5; count++) quotas.sessionRequest(playlist, "session-one");
  expect(() => quotas.sessionRequest(playlist, "session-one")).toThrow("5 getHLSMediaPlaylist.m3u8 a second");
  quotas.sessionRequest(playlist, "another-one");
  for (let count = 0; count < 20; count++) quotas.sessionRequest("getTSFragment.ts", "session-one");
  expect(() => quotas.sessionRequest("getTSFragment.ts", "session-one")).toThrow(
    "20 getTSFragment.ts a second",
  );
});

describe("Quotas", () => {
  const arn = "arn:aws:kinesisvideo:us-east-1:000000000000:stream/a/1";
  const setUp = () => {
    const waits: number[] = [];
    const clock: Clock & { nowMs: number } = {
      nowMs: 0,
      offsetMs: 0,
      now: () => clock.nowMs,
      after: (delayMs, run) => {
        waits.push(delayMs);
        queueMicrotask(run);
        return { cancel: () => {} };
      },
    };
    return { clock, waits, quotas: new Quotas(clock) };
  };

  test.each([
    ["PutMedia", 5],
    ["GetMedia", 5],
    ["DescribeStream", 5],
    ["GetDataEndpoint", 5],
    ["CreateStream", 50],
    ["GetHLSStreamingSessionURL", 25],
  ])("takes %s for one stream %d times a second", (name, perSecond) => {
    const { quotas, clock } = setUp();
    for (let second = 0; second < 2; second++, clock.nowMs += 1000) {
      for (let call = 0; call < perSecond; call++) quotas.request(name, arn);
      expect(() => quotas.request(name, arn)).toThrow(`${perSecond} ${name} a second`);
    }
  });

  test("counts each stream separately, and all of them for the account", () => {
    const { quotas } = setUp();
    for (let call = 0; call < 300; call++) quotas.request("DescribeStream", `${arn}${call}`);
    expect(() => quotas.request("DescribeStream", arn)).toThrow(
      "300 DescribeStream a second for the account",
    );
  });

  test("does not count refused requests", () => {
    const { quotas, clock } = setUp();
    for (let call = 0; call < 5; call++) quotas.request("TagStream", arn);
    for (let call = 0; call < 100; call++) expect(() => quotas.request("TagStream", arn)).toThrow();
    clock.nowMs = 200;
    quotas.request("TagStream", arn);
  });

  test("counts an archive's reads in fragments: 10,000 of metadata and 500 of media", () => {
    const { quotas } = setUp();
    for (let call = 0; call < 10; call++) quotas.points("fragmentMetadata", arn, 1000);
    expect(() => quotas.points("fragmentMetadata", arn, 1)).toThrow("10000 fragmentMetadata a second");
    quotas.points("fragmentMedia", arn, 400);
    expect(() => quotas.points("fragmentMedia", arn, 101)).toThrow("500 fragmentMedia a second");
    quotas.points("fragmentMedia", arn, 100);
    quotas.points("fragmentMedia", `${arn}0`, 500);
  });

  test("delays media to 12.5 MB and five fragments per second in, 25 MB and five fragments out", async () => {
    const { quotas, waits } = setUp();
    const { signal } = new AbortController();
    for (const [media, perSecond] of [
      ["PutMedia bytes", 12_500_000],
      ["PutMedia fragments", 5],
      ["GetMedia bytes", 25_000_000],
      ["GetMedia fragments", 5],
    ] as const) {
      await quotas.admit(media, arn, perSecond, signal);
      expect(waits.splice(0)).toEqual([]);
      await quotas.admit(media, arn, perSecond, signal);
      expect(waits.splice(0)).toEqual([1000]);
    }
  });

  test("remembers a used quota among thousands of unused ones", () => {
    const { quotas, clock } = setUp();
    for (let call = 0; call < 5; call++) quotas.request("UntagStream", arn);
    for (let other = 0; other < 3000; other++) {
      clock.nowMs += other % 2 ? 0 : 0.01;
      quotas.points("fragmentMedia", `${arn}${other}`, 1);
    }
    expect(() => quotas.request("UntagStream", arn)).toThrow("5 UntagStream a second");
  });
});

describe("Kinesis Video over its quotas", () => {
  let local: TestCloud;
  beforeAll(async () => {
    local = await startTestCloud({ services: [kinesisVideo] });
  });
  afterAll(() => local.stop());

  const refusal = { name: "ClientLimitExceededException", $metadata: { httpStatusCode: 400 } };
  /** Enough at once for the quota to refuse some on any machine. */
  const atOnce = async (calls: number, call: () => Promise<unknown>): Promise<unknown[]> =>
    (await Promise.allSettled(Array.from({ length: calls }, call)))
      .filter((one) => one.status === "rejected")
      .map(({ reason }) => reason as unknown);

  test("refuses further calls on a stream until a second has passed, but not those on other streams", async () => {
    const { streamName: StreamName } = await createCamera(local);
    const { streamName: other } = await createCamera(local);
    const control = local.client(KinesisVideoClient);
    const describeStream = (name: string) => control.send(new DescribeStreamCommand({ StreamName: name }));
    const refused = await atOnce(100, () => describeStream(StreamName));
    expect(refused.length).toBeGreaterThan(0);
    for (const error of refused) expect(error).toMatchObject(refusal);
    expect((await describeStream(other)).StreamInfo!.StreamName).toBe(other);
    await control.send(new GetDataEndpointCommand({ StreamName, APIName: "PUT_MEDIA" }));
    local.clock.turn(1000);
    expect((await describeStream(StreamName)).StreamInfo!.StreamName).toBe(StreamName);
  });

  test("refuses ListFragments and GetMediaForFragmentList by the number of requested fragments", async () => {
    const camera = await createCamera(local);
    const [ack] = await putAll(camera, header(), fragment(1000));
    const archive = local.client(KinesisVideoArchivedMediaClient);
    const TimestampRange = { StartTimestamp: new Date(0), EndTimestamp: new Date(9000) };
    const list = () =>
      archive.send(
        new ListFragmentsCommand({
          StreamName: camera.streamName,
          MaxResults: 1000,
          FragmentSelector: { FragmentSelectorType: "PRODUCER_TIMESTAMP", TimestampRange },
        }),
      );
    const read = () =>
      archive.send(
        new GetMediaForFragmentListCommand({
          StreamName: camera.streamName,
          Fragments: Array<string>(1000).fill(ack!.fragmentNumber!),
        }),
      );
    for (const call of [list, read])
      expect((await atOnce(60, call)).map((error) => (error as Error).name)).toContain(
        "ClientLimitExceededException",
      );
  });

  test("refuses a sixth PutMedia within a second", async () => {
    const camera = await createCamera(local);
    const producers = await Promise.all(Array.from({ length: 60 }, () => Producer.connect(camera)));
    for (const producer of producers) producer.hangUp();
    expect(new Set(producers.map(({ errorType }) => errorType))).toEqual(
      new Set([undefined, "ConnectionLimitExceededException", "ClientLimitExceededException"]),
    );
  });

  test("reads at most five fragments per second, and loses none", async () => {
    const camera = await createCamera(local);
    const timecodes = Array.from({ length: 10 }, (_, index) => 1000 + index * 2000);
    const startedAtMs = local.clock.now();
    await putAll(camera, header(), ...timecodes.map((timecode) => fragment(timecode)));
    const stored = local.cloud.events.matching(
      ({ name, detail }) => name === "fragment-stored" && detail["streamName"] === camera.streamName,
    );
    expect(stored.map(({ detail }) => detail["producerMs"])).toEqual(timecodes);
    expect(stored[9]!.atMs - startedAtMs).toBeGreaterThan(990);
  });

  test("reads at most 12.5 MB per second", async () => {
    const camera = await createCamera(local);
    const frame = { data: new Uint8Array(9_000_000) };
    const startedAtMs = local.clock.now();
    const large = [1000, 3000].map((timecode) => fragment(timecode, [frame]));
    expect(await putAll(camera, header(), ...large)).toHaveLength(6);
    expect(local.clock.now() - startedAtMs).toBeGreaterThan(430);
  });
});
