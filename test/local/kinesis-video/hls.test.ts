import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  GetDASHStreamingSessionURLCommand,
  GetHLSStreamingSessionURLCommand,
  KinesisVideoArchivedMediaClient,
  type GetHLSStreamingSessionURLInput,
} from "@aws-sdk/client-kinesis-video-archived-media";
import { DeleteStreamCommand, KinesisVideoClient } from "@aws-sdk/client-kinesis-video";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { kinesisVideo } from "../../../local/kinesis-video/index.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";
import { makeCamera, type Camera } from "./camera.ts";
import {
  drawClip,
  framesOf,
  FRONT_DOOR,
  h264CodecPrivate,
  headerOf,
  packetsOf,
  record,
  START_MS,
} from "./clips.ts";
import { Player } from "./player.ts";
import { putAll } from "./producer.ts";
import { readerTemplate } from "./reader-role.ts";
import { fragment } from "./recording.ts";

const range = (fromMs: number, toMs?: number) => ({
  FragmentSelectorType: "PRODUCER_TIMESTAMP" as const,
  TimestampRange: {
    StartTimestamp: new Date(START_MS + fromMs),
    ...(toMs !== undefined && { EndTimestamp: new Date(START_MS + toMs) }),
  },
});
const onDemand = { PlaybackMode: "ON_DEMAND", HLSFragmentSelector: range(0, 60_000) } as const;

describe("HLS", () => {
  const folder = mkdtempSync(join(tmpdir(), "doorstep-hls-"));
  const dataFolder = join(folder, "data");
  const options = {
    services: [kinesisVideo],
    template: readerTemplate("kinesisvideo:GetHLSStreamingSessionURL"),
    dataFolder,
  };
  let local: TestCloud;
  let camera: Camera;
  beforeAll(async () => {
    local = await startTestCloud(options);
    camera = await makeCamera(local);
    await record(local, camera, FRONT_DOOR);
  });
  afterAll(async () => {
    await local.stop();
    rmSync(folder, { recursive: true });
  });

  const urlOf = async (
    input: Partial<GetHLSStreamingSessionURLInput>,
    client = local.client(KinesisVideoArchivedMediaClient),
  ) => {
    const command = new GetHLSStreamingSessionURLCommand({ StreamName: camera.streamName, ...input });
    return (await client.send(command)).HLSStreamingSessionURL!;
  };
  const play = async (input: Partial<GetHLSStreamingSessionURLInput>) =>
    await Player.open(await urlOf(input));

  /** A stream of three-second fragments whose frames hold no picture. */
  const fake = async (camera: Camera, ...timecodes: number[]) => {
    const header = headerOf({ codecId: "V_MPEG4/ISO/AVC", codecPrivate: await h264CodecPrivate() });
    const data = Uint8Array.of(0, 0, 0, 2, 0x65, 0x80);
    const frames = [0, 1000, 2000].map((atMs) => ({ atMs, data }));
    const producer = { ...camera, timecodeType: "RELATIVE" as const, producerStartMs: START_MS };
    await putAll(producer, header, ...timecodes.map((timecode) => fragment(timecode, frames)));
  };

  test("plays the uploaded clip: initialisation and media segments decode to its frames, at their times", async () => {
    const player = await play(onDemand);
    const frames = await framesOf(await player.download());
    expect(frames).toHaveLength(192);
    expect(frames).toEqual(await framesOf(FRONT_DOOR));
  });

  test("describes the clip in its master playlist", async () => {
    const player = await play(onDemand);
    expect(player.url.pathname).toBe("/hls/v1/getHLSMasterPlaylist.m3u8");
    expect(player.token).toMatch(/^[\w-]{128}~$/);
    expect(player.master.split("\n")).toEqual([
      "#EXTM3U",
      "#EXT-X-VERSION:7",
      expect.stringMatching(
        /^#EXT-X-STREAM-INF:CODECS="avc1\.640016",RESOLUTION=640x360,FRAME-RATE=12\.000,BANDWIDTH=\d+$/,
      ),
      `getHLSMediaPlaylist.m3u8?SessionToken=${player.token}&TrackNumber=1`,
      "",
    ]);
  });

  test("lists a whole recording at once, and that it ends", async () => {
    const player = await play({ ...onDemand, DisplayFragmentTimestamp: "ALWAYS" });
    const lines = (await player.media()).split("\n");
    expect(lines.slice(0, 9)).toEqual([
      "#EXTM3U",
      "#EXT-X-VERSION:7",
      "#EXT-X-PLAYLIST-TYPE:VOD",
      "#EXT-X-TARGETDURATION:2",
      "#EXT-X-MEDIA-SEQUENCE:0",
      "#EXT-X-INDEPENDENT-SEGMENTS",
      `#EXT-X-MAP:URI="getMP4InitFragment.mp4?SessionToken=${player.token}&TrackNumber=1&SequenceNumber=0"`,
      "#EXT-X-PROGRAM-DATE-TIME:2025-11-21T12:00:00.000Z",
      "#EXTINF:2.000,",
    ]);
    expect(lines[9]).toMatch(
      /^getMP4MediaFragment\.mp4\?FragmentNumber=\d{47}&SessionToken=[\w-]{128}~&TrackNumber=1$/,
    );
    expect(lines.filter((line) => line.startsWith("#EXTINF"))).toHaveLength(8);
    expect(lines.slice(-2)).toEqual(["#EXT-X-ENDLIST", ""]);
    expect(await player.media()).not.toContain("DISCONTINUITY");
  });

  test("holds only the fragments of its range, the oldest of them up to the maximum", async () => {
    const within = await play({ ...onDemand, HLSFragmentSelector: range(2000, 6000) });
    const original = await framesOf(FRONT_DOOR);
    expect(await framesOf(await within.download())).toEqual(
      original.slice(24, 96).map(({ atMs, pixels }) => ({ pixels, atMs: atMs - 2000 })),
    );
    const few = await play({ ...onDemand, MaxMediaPlaylistFragmentResults: 3 });
    expect(await framesOf(await few.download())).toEqual(original.slice(0, 72));
    const outside = (await few.media()).split("\n").find((line) => line.startsWith("getMP4Media"))!;
    const other = new URL(outside, within.url);
    other.searchParams.set("SessionToken", within.token);
    expect((await fetch(other)).status).toBe(404);
  });

  test("plays MPEG transport streams to the same frames", async () => {
    const player = await play({ ...onDemand, ContainerFormat: "MPEG_TS" });
    const media = await player.media();
    expect(media).toContain("getTSFragment.ts?");
    expect(media).not.toContain("EXT-X-MAP");
    expect((await framesOf(await player.download())).map(({ pixels }) => pixels)).toEqual(
      (await framesOf(FRONT_DOOR)).map(({ pixels }) => pixels),
    );
  });

  test("gives sound a playlist of its own, and its packets as they were", async () => {
    const file = await drawClip(join(folder, "sound.mp4"), { durationS: 3, withSound: true });
    const recorded = await makeCamera(local);
    await record(local, recorded, file);
    const player = await play({ ...onDemand, StreamName: recorded.streamName });
    expect(player.master).toContain(
      `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="audio",DEFAULT=YES,AUTOSELECT=YES,` +
        `URI="getHLSMediaPlaylist.m3u8?SessionToken=${player.token}&TrackNumber=2"`,
    );
    expect(player.master).toMatch(/CODECS="avc1\.\w{6},mp4a\.40\.2",.*AUDIO="audio"/);
    const [sentVideo, sentAudio] = await packetsOf(file);
    const [video] = await packetsOf(await player.download(1));
    expect(video!.packets).toEqual(sentVideo!.packets);
    const [audio] = await packetsOf(await player.download(2));
    expect(audio!.packets.map(({ data }) => data)).toEqual(
      sentAudio!.packets.slice(0, 141).map(({ data }) => data),
    );
    const [, together] = await packetsOf(
      await (
        await play({ ...onDemand, StreamName: recorded.streamName, ContainerFormat: "MPEG_TS" })
      ).download(),
    );
    expect(together!.packets.length).toBeGreaterThanOrEqual(141);
  });

  test("refuses H.265 as a transport stream, and plays it as MP4", async () => {
    const file = await drawClip(join(folder, "h265.mp4"), { durationS: 2, codec: "hevc" });
    const { streamName: StreamName } = await makeCamera(local);
    await record(local, { ...camera, streamName: StreamName }, file);
    await expect(play({ ...onDemand, StreamName, ContainerFormat: "MPEG_TS" })).rejects.toMatchObject({
      name: "UnsupportedStreamMediaTypeException",
    });
    const player = await play({ ...onDemand, StreamName });
    expect(player.master).toMatch(/CODECS="hvc1\./);
    expect(await framesOf(await player.download())).toEqual(await framesOf(file));
  });

  test("marks discontinuities always with server timestamps, never with producer timestamps, else at gaps", async () => {
    const { streamName: StreamName } = await makeCamera(local);
    await fake({ ...camera, streamName: StreamName }, 0, 3000, 6050, 9101);
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

  test("follows a live stream: the newest five, a window that moves on, and no end", async () => {
    const live = await makeCamera(local);
    await fake(live, 0, 3000, 6000, 9000, 12_000, 15_000, 18_000);
    const player = await play({ StreamName: live.streamName });
    const begun = await player.media();
    expect(begun).toContain("#EXT-X-MEDIA-SEQUENCE:0\n");
    expect(begun.match(/#EXTINF:3\.000,/g)).toHaveLength(5);
    expect(begun).not.toMatch(/ENDLIST|PLAYLIST-TYPE/);
    expect(await player.media()).toBe(begun);

    await fake(live, 21_000, 24_000);
    const later = await player.media();
    expect(later).toContain("#EXT-X-MEDIA-SEQUENCE:2\n#EXT-X-DISCONTINUITY-SEQUENCE:1\n");
    expect(numbersIn(later).slice(0, 3)).toEqual(numbersIn(begun).slice(2));
    expect(numbersIn(later)).toHaveLength(5);
    // A player that still has the playlist of before finds its segments.
    const [first] = begun.split("\n").filter((line) => line.startsWith("getMP4Media"));
    expect((await fetch(new URL(first!, player.url))).status).toBe(200);
  });

  test("needs a fragment of the last 30 seconds to go live", async () => {
    const quiet = await makeCamera(local);
    await fake(quiet, 0);
    local.clock.turn(31_000);
    await expect(play({ StreamName: quiet.streamName })).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      message: "No fragments found in the stream for the streaming request.",
    });
  });

  test("replays as if live: a fragment more as each one's duration elapses, to the end of the range", async () => {
    const past = await makeCamera(local);
    await fake(past, 0, 3000, 6000, 9000, 12_000);
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

  test("replays on into what is recorded meanwhile, where the range has no end", async () => {
    const past = await makeCamera(local);
    await fake(past, 0, 3000);
    const player = await play({
      StreamName: past.streamName,
      PlaybackMode: "LIVE_REPLAY",
      HLSFragmentSelector: range(0),
    });
    expect(numbersIn(await player.media())).toHaveLength(2);
    local.clock.turn(3001);
    await fake(past, 6000);
    const media = await player.media();
    expect(numbersIn(media)).toHaveLength(3);
    expect(media).not.toContain("ENDLIST");
  });

  test("gives a new initialisation segment where the codec private data changes", async () => {
    const changing = await makeCamera(local);
    await fake(changing, 0);
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

  test("lets pages of any origin read, and takes no signature", async () => {
    const player = await play(onDemand);
    const { status, headers } = await fetch(player.url);
    expect(status).toBe(200);
    expect(headers.get("access-control-allow-origin")).toBe("*");
    expect(headers.get("content-type")).toBe("application/vnd.apple.mpegurl");
    expect((await fetch(player.url, { method: "OPTIONS" })).status).toBe(204);
    expect((await fetch(player.url, { method: "POST" })).status).toBe(404);
  });

  test.each([
    [
      "an unknown token",
      (url: URL) => url.searchParams.set("SessionToken", "guess"),
      403,
      "NotAuthorizedException",
    ],
    ["no token", (url: URL) => url.searchParams.delete("SessionToken"), 403, "NotAuthorizedException"],
    [
      "an unknown resource",
      (url: URL) => (url.pathname = "/hls/v1/secrets"),
      404,
      "UnknownOperationException",
    ],
  ])("refuses %s", async (_what, change, status, code) => {
    const { url } = await play(onDemand);
    change(url);
    const answer = await fetch(url);
    expect([answer.status, answer.headers.get("x-amzn-errortype")]).toEqual([status, code]);
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
  });

  test("ends when it expires, after five minutes unless told otherwise", async () => {
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
    const gone = await makeCamera(local);
    await fake(gone, 0);
    const player = await play({ ...onDemand, StreamName: gone.streamName });
    await local.client(KinesisVideoClient).send(new DeleteStreamCommand({ StreamARN: gone.arn }));
    expect((await fetch(player.url)).status).toBe(404);
  });

  test.each<[string, string, Partial<GetHLSStreamingSessionURLInput>]>([
    ["InvalidArgumentException", "299 seconds", { ...onDemand, Expires: 299 }],
    ["InvalidArgumentException", "43,201 seconds", { ...onDemand, Expires: 43_201 }],
    ["InvalidArgumentException", "5,001 fragments", { ...onDemand, MaxMediaPlaylistFragmentResults: 5001 }],
    ["InvalidArgumentException", "a time range for LIVE", { HLSFragmentSelector: range(0, 1000) }],
    ["InvalidArgumentException", "ON_DEMAND without a selector", { PlaybackMode: "ON_DEMAND" }],
    [
      "InvalidArgumentException",
      "ON_DEMAND without an end",
      { PlaybackMode: "ON_DEMAND", HLSFragmentSelector: range(0) },
    ],
    [
      "InvalidArgumentException",
      "an end before the start",
      { ...onDemand, HLSFragmentSelector: range(1, 0) },
    ],
    [
      "InvalidArgumentException",
      "more than 24 hours",
      { ...onDemand, HLSFragmentSelector: range(0, 24 * 3_600_000 + 1) },
    ],
    [
      "ResourceNotFoundException",
      "a range without fragments",
      { ...onDemand, HLSFragmentSelector: range(-2000, -1000) },
    ],
    ["ResourceNotFoundException", "an unknown stream", { ...onDemand, StreamName: "nobody" }],
  ])("answers %s to %s", async (name, _what, input) => {
    await expect(urlOf(input)).rejects.toMatchObject({ name });
  });

  test("answers the documented errors for streams that it cannot play", async () => {
    const { streamName: StreamName } = await makeCamera(local, 0);
    await expect(urlOf({ ...onDemand, StreamName })).rejects.toMatchObject({
      name: "NoDataRetentionException",
    });
    const bare = await makeCamera(local);
    const producer = { ...bare, timecodeType: "RELATIVE" as const, producerStartMs: START_MS };
    await putAll(producer, headerOf({ codecId: "V_MPEG4/ISO/AVC" }), fragment(0));
    await expect(urlOf({ ...onDemand, StreamName: bare.streamName })).rejects.toMatchObject({
      name: "MissingCodecPrivateDataException",
    });
  });

  test("needs the role to allow kinesisvideo:GetHLSStreamingSessionURL on the stream", async () => {
    const role = local.resources.get("Reader")!.attributes!["Arn"] as string;
    const principal = local.cloud.access.assumeRole(role, "lambda.amazonaws.com");
    const reader = local.cloud.client(KinesisVideoArchivedMediaClient, principal);
    await expect(urlOf(onDemand, reader)).rejects.toMatchObject({ name: "AccessDeniedException" });
    await record(local, { ...camera, streamName: "watched" }, FRONT_DOOR);
    expect(await urlOf({ ...onDemand, StreamName: "watched" }, reader)).toContain("/hls/v1/");
  });

  test("has no DASH, and says so", async () => {
    const command = new GetDASHStreamingSessionURLCommand({ StreamName: camera.streamName });
    await expect(local.client(KinesisVideoArchivedMediaClient).send(command)).rejects.toMatchObject({
      name: "UnknownOperationException",
      message: expect.stringContaining("/getDASHStreamingSessionURL is not emulated"),
    });
  });

  test("goes on after a restart", async () => {
    const before = await play({ ...onDemand, Expires: 3600 });
    const frames = await framesOf(await before.download());
    await local.stop();
    local = await startTestCloud(options);
    const { pathname, search } = before.url;
    const after = await Player.open(new URL(pathname + search, local.endpoint).href);
    expect(await framesOf(await after.download())).toEqual(frames);
  });
});

const numbersIn = (media: string): string[] =>
  [...media.matchAll(/FragmentNumber=(\d+)/g)].map(([, number]) => number!);
