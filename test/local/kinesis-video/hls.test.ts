import { join } from "node:path";
import {
  GetDASHStreamingSessionURLCommand,
  KinesisVideoArchivedMediaClient,
  type GetHLSStreamingSessionURLInput,
} from "@aws-sdk/client-kinesis-video-archived-media";
import { describe, expect, test } from "@jest/globals";
import { createCamera } from "./camera.ts";
import {
  drawClip,
  framesOf,
  framesOfFrontDoor,
  FRONT_DOOR,
  headerOf,
  packetsOf,
  record,
  START_MS,
} from "./clips.ts";
import { camera, folder, local, onDemand, play, range, urlOf, useHls } from "./hls-recording.ts";
import { putAll } from "./producer.ts";
import { fragment } from "./recording.ts";

describe("HLS", () => {
  useHls();

  test("plays the uploaded clip: initialisation and media segments decode to its frames, at their times", async () => {
    const player = await play(onDemand);
    const frames = await framesOf(await player.download());
    expect(frames).toHaveLength(192);
    expect(frames).toEqual(await framesOfFrontDoor());
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

  test("lists a whole recording at once, with its end", async () => {
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

  test("has only the fragments of its range, the oldest of them up to the maximum", async () => {
    const within = await play({ ...onDemand, HLSFragmentSelector: range(2000, 6000) });
    const original = await framesOfFrontDoor();
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
      (await framesOfFrontDoor()).map(({ pixels }) => pixels),
    );
  });

  test("has a separate playlist for audio, with its packets unchanged", async () => {
    const file = await drawClip(join(folder, "sound.mp4"), { durationS: 3, withSound: true });
    const recorded = await createCamera(local);
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
    const { streamName: StreamName } = await createCamera(local);
    await record(local, { ...camera, streamName: StreamName }, file);
    await expect(play({ ...onDemand, StreamName, ContainerFormat: "MPEG_TS" })).rejects.toMatchObject({
      name: "UnsupportedStreamMediaTypeException",
    });
    const player = await play({ ...onDemand, StreamName });
    expect(player.master).toMatch(/CODECS="hvc1\./);
    expect(await framesOf(await player.download())).toEqual(await framesOf(file));
  });

  test("allows players on pages of this machine and no others, and requires no signature", async () => {
    const player = await play(onDemand);
    const { status, headers } = await fetch(player.url);
    expect(status).toBe(200);
    expect(headers.get("access-control-allow-origin")).toBe(null);
    const from = (origin: string) => fetch(player.url, { headers: { origin } });
    const own = await from("http://localhost:5173");
    expect([own.status, own.headers.get("access-control-allow-origin")]).toEqual([
      200,
      "http://localhost:5173",
    ]);
    const other = await from("https://evil.example");
    expect([other.status, other.headers.get("access-control-allow-origin")]).toEqual([403, null]);
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

  test("returns the documented errors for streams that it cannot play", async () => {
    const { streamName: StreamName } = await createCamera(local, 0);
    await expect(urlOf({ ...onDemand, StreamName })).rejects.toMatchObject({
      name: "NoDataRetentionException",
    });
    const bare = await createCamera(local);
    const producer = { ...bare, timecodeType: "RELATIVE" as const, producerStartMs: START_MS };
    await putAll(producer, headerOf({ codecId: "V_MPEG4/ISO/AVC" }), fragment(0));
    await expect(urlOf({ ...onDemand, StreamName: bare.streamName })).rejects.toMatchObject({
      name: "MissingCodecPrivateDataException",
    });
  });

  test("requires the role to allow kinesisvideo:GetHLSStreamingSessionURL on the stream", async () => {
    const role = local.resources.get("Reader")!.attributes!["Arn"] as string;
    const principal = local.cloud.access.assumeRole(role, "lambda.amazonaws.com");
    const reader = local.cloud.client(KinesisVideoArchivedMediaClient, principal);
    await expect(urlOf(onDemand, reader)).rejects.toMatchObject({ name: "AccessDeniedException" });
    await record(local, { ...camera, streamName: "watched" }, FRONT_DOOR);
    expect(await urlOf({ ...onDemand, StreamName: "watched" }, reader)).toContain("/hls/v1/");
  });

  test("does not support DASH, with an error that says so", async () => {
    const command = new GetDASHStreamingSessionURLCommand({ StreamName: camera.streamName });
    await expect(local.client(KinesisVideoArchivedMediaClient).send(command)).rejects.toMatchObject({
      name: "UnknownOperationException",
      message: expect.stringContaining("/getDASHStreamingSessionURL is not emulated"),
    });
  });
});
