import { DeleteStreamCommand, KinesisVideoClient } from "@aws-sdk/client-kinesis-video";
import type { GetHLSStreamingSessionURLInput } from "@aws-sdk/client-kinesis-video-archived-media";
import { describe, expect, test } from "@jest/globals";
import { createCamera } from "./camera.ts";
import { framesOf, h264CodecPrivate, headerOf, START_MS } from "./clips.ts";
import { boot, camera, local, onDemand, play, range, recordBlank, useHls } from "./hls-recording.ts";
import { Player } from "./player.ts";
import { putAll } from "./producer.ts";
import { fragment } from "./recording.ts";

describe("an HLS session", () => {
  useHls();

  test("marks discontinuities always with server timestamps, never with producer timestamps, else at gaps", async () => {
    const { streamName: StreamName } = await createCamera(local);
    await recordBlank({ ...camera, streamName: StreamName }, 0, 3000, 6050, 9101);
    const marked = async (input: Partial<GetHLSStreamingSessionURLInput>) => {
      const player = await play({ StreamName, ...onDemand, ...input });
      const lines = (await player.media()).split("\n");
      const segments = lines.filter((line) => line.startsWith("#EXT-X-DISC") || line.startsWith("#EXTINF"));
      return segments.map((line) => (line.startsWith("#EXTINF") ? "-" : "D")).join("");
    };
    const server = {
      FragmentSelectorType: "SERVER_TIMESTAMP" as const,
      TimestampRange: {
        StartTimestamp: new Date(local.clock.now() - 3_600_000),
        EndTimestamp: new Date(local.clock.now()),
      },
    };
    local.clock.turn(1000);
    expect(await marked({ HLSFragmentSelector: server })).toBe("-D-D-D-");
    expect(await marked({})).toBe("----");
    expect(await marked({ DiscontinuityMode: "ON_DISCONTINUITY" })).toBe("---D-");
    expect(await marked({ DiscontinuityMode: "ALWAYS" })).toBe("-D-D-D-");
    expect(await marked({ HLSFragmentSelector: server, DiscontinuityMode: "NEVER" })).toBe("----");
  });

  test("follows a live stream: a moving window of the newest five, without an end", async () => {
    const live = await createCamera(local);
    await recordBlank(live, 0, 3000, 6000, 9000, 12_000, 15_000, 18_000);
    const player = await play({ StreamName: live.streamName });
    const begun = await player.media();
    expect(begun).toContain("#EXT-X-MEDIA-SEQUENCE:0\n");
    expect(begun.match(/#EXTINF:3\.000,/g)).toHaveLength(5);
    expect(begun).not.toMatch(/ENDLIST|PLAYLIST-TYPE/);
    expect(await player.media()).toBe(begun);

    await recordBlank(live, 21_000, 24_000);
    const later = await player.media();
    expect(later).toContain("#EXT-X-MEDIA-SEQUENCE:2\n#EXT-X-DISCONTINUITY-SEQUENCE:1\n");
    expect(numbersIn(later).slice(0, 3)).toEqual(numbersIn(begun).slice(2));
    expect(numbersIn(later)).toHaveLength(5);
    // A player that still has the previous playlist finds its segments.
    const [first] = begun.split("\n").filter((line) => line.startsWith("getMP4Media"));
    expect((await fetch(new URL(first!, player.url))).status).toBe(200);
  });

  test("requires a fragment of the last 30 seconds for LIVE", async () => {
    const quiet = await createCamera(local);
    await recordBlank(quiet, 0);
    local.clock.turn(31_000);
    await expect(play({ StreamName: quiet.streamName })).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      message: "No fragments found in the stream for the streaming request.",
    });
  });

  test("replays as if live: another fragment as each one's duration elapses, to the end of the range", async () => {
    const past = await createCamera(local);
    await recordBlank(past, 0, 3000, 6000, 9000, 12_000);
    const player = await play({
      StreamName: past.streamName,
      PlaybackMode: "LIVE_REPLAY",
      HLSFragmentSelector: range(3000, 12_000),
      MaxMediaPlaylistFragmentResults: 2,
    });
    const begun = numbersIn(await player.media());
    expect(begun).toHaveLength(2);
    local.clock.turn(2000);
    expect(numbersIn(await player.media())).toEqual(begun);
    local.clock.turn(1001);
    const moved = await player.media();
    expect(moved).toContain("#EXT-X-MEDIA-SEQUENCE:1\n");
    expect(numbersIn(moved)[0]).toBe(begun[1]);
    expect(moved).not.toContain("ENDLIST");
    local.clock.turn(3000);
    expect(await player.media()).toMatch(/#EXT-X-MEDIA-SEQUENCE:2\n[^]*#EXT-X-ENDLIST\n$/);
  });

  test("continues a replay with what is recorded meanwhile, if the range has no end", async () => {
    const past = await createCamera(local);
    await recordBlank(past, 0, 3000);
    const player = await play({
      StreamName: past.streamName,
      PlaybackMode: "LIVE_REPLAY",
      HLSFragmentSelector: range(0),
    });
    expect(numbersIn(await player.media())).toHaveLength(2);
    local.clock.turn(3001);
    await recordBlank(past, 6000);
    const media = await player.media();
    expect(numbersIn(media)).toHaveLength(3);
    expect(media).not.toContain("ENDLIST");
  });

  test("has a new initialisation segment where the codec private data changes", async () => {
    const changing = await createCamera(local);
    await recordBlank(changing, 0);
    const codecPrivate = await h264CodecPrivate();
    codecPrivate[3]! += 1;
    const data = Uint8Array.of(0, 0, 0, 2, 0x65, 0x80);
    await putAll(
      { ...changing, timecodeType: "RELATIVE", producerStartMs: START_MS },
      headerOf({ codecId: "V_MPEG4/ISO/AVC", codecPrivate }),
      fragment(3000, [{ data }]),
    );
    const player = await play({ ...onDemand, StreamName: changing.streamName });
    const maps = [...(await player.media()).matchAll(/URI="(getMP4Init[^"]*)"/g)].map(([, uri]) => uri!);
    expect(maps.map((uri) => /SequenceNumber=(\d)/.exec(uri)![1])).toEqual(["0", "1"]);
    const inits = await Promise.all(
      maps.map(async (uri) => Buffer.from(await (await fetch(new URL(uri, player.url))).arrayBuffer())),
    );
    expect(inits[1]!.includes(Buffer.from(codecPrivate))).toBe(true);
    expect(inits[0]!.includes(Buffer.from(codecPrivate))).toBe(false);
  });

  test("ends when it expires, after five minutes by default", async () => {
    const [usual, long] = [await play(onDemand), await play({ ...onDemand, Expires: 43_200 })];
    local.clock.turn(299_000);
    expect((await fetch(usual.url)).status).toBe(200);
    local.clock.turn(1001);
    const refused = await fetch(usual.url);
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ message: "Streaming session token is expired" });
    expect((await fetch(long.url)).status).toBe(200);
  });

  test("ends with its stream", async () => {
    const gone = await createCamera(local);
    await recordBlank(gone, 0);
    const player = await play({ ...onDemand, StreamName: gone.streamName });
    await local.client(KinesisVideoClient).send(new DeleteStreamCommand({ StreamARN: gone.arn }));
    expect((await fetch(player.url)).status).toBe(404);
  });

  test("continues after a restart", async () => {
    const before = await play({ ...onDemand, Expires: 3600 });
    const frames = await framesOf(await before.download());
    await local.stop();
    await boot();
    const { pathname, search } = before.url;
    const after = await Player.open(new URL(pathname + search, local.endpoint).href);
    expect(await framesOf(await after.download())).toEqual(frames);
  });
});

const numbersIn = (media: string): string[] =>
  [...media.matchAll(/FragmentNumber=(\d+)/g)].map(([, number]) => number!);
