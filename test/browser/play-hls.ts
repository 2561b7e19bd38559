/**
 * Plays streams of the local cloud with the HLS player of a real browser, and prints playback statistics and the path of a
 * screenshot for each: Chromium 142 or later, from the path in CHROMIUM, by default `chromium`.
 *
 *     node test/browser/play-hls.ts [clip.mp4]
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateStreamCommand, KinesisVideoClient } from "@aws-sdk/client-kinesis-video";
import {
  GetHLSStreamingSessionURLCommand,
  KinesisVideoArchivedMediaClient,
  type GetHLSStreamingSessionURLInput,
} from "@aws-sdk/client-kinesis-video-archived-media";
import { kinesisVideo } from "../../local/kinesis-video/index.ts";
import { startTestCloud } from "../local/cloud.ts";
import { drawClip, framesOf, FRONT_DOOR, record, START_MS } from "../local/kinesis-video/clips.ts";
import { Browser } from "./browser.ts";

/** The state of the page's player. */
interface Playback {
  readonly ended: boolean;
  readonly error: string | null;
  readonly width: number;
  readonly durationS: number;
  readonly atS: number;
  readonly shown: number;
  readonly dropped: number;
  readonly stalls: number;
}

const PAGE = `<!doctype html><body style="margin:0"><video muted style="width:640px"></video><script>
const video = document.querySelector("video");
let stalls = 0;
video.addEventListener("waiting", () => video.currentTime > 0 && !video.ended && stalls++);
video.src = new URLSearchParams(location.search).get("src");
window.playback = () => {
  const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
  return { ended: video.ended, error: video.error && video.error.message, width: video.videoWidth,
    durationS: video.duration, atS: video.currentTime, shown: totalVideoFrames, dropped: droppedVideoFrames, stalls };
};
video.play();
</script>`;

const folder = mkdtempSync(join(tmpdir(), "doorstep-browser-"));
const [clip = FRONT_DOOR] = process.argv.slice(2);
const pages = createServer((_request, response) => response.end(PAGE)).listen(0, "127.0.0.1");
const local = await startTestCloud({ services: [kinesisVideo] });
const browser = await Browser.start(process.env["CHROMIUM"] ?? "chromium");
try {
  const frames = (await framesOf(clip)).length;
  const sound = await drawClip(join(folder, "sound.mp4"), { durationS: 4, withSound: true });
  await createRecording("clip", clip);
  await createRecording("sound", sound);
  const HLSFragmentSelector = {
    FragmentSelectorType: "PRODUCER_TIMESTAMP",
    TimestampRange: { StartTimestamp: new Date(START_MS), EndTimestamp: new Date(START_MS + 3_600_000) },
  } as const;
  const onDemand = { PlaybackMode: "ON_DEMAND", HLSFragmentSelector } as const;
  await check("fragmented MP4", frames, { StreamName: "clip", ...onDemand });
  await check("MPEG transport stream", frames, {
    StreamName: "clip",
    ...onDemand,
    ContainerFormat: "MPEG_TS",
  });
  await check("discontinuities", frames, { StreamName: "clip", ...onDemand, DiscontinuityMode: "ALWAYS" });
  await check("sound", 40, { StreamName: "sound", ...onDemand });
  await check(
    "live replay",
    frames,
    {
      StreamName: "clip",
      PlaybackMode: "LIVE_REPLAY",
      HLSFragmentSelector,
      MaxMediaPlaylistFragmentResults: 5,
    },
    8,
  );
} finally {
  await browser.stop();
  await local.stop();
  pages.close();
  rmSync(folder, { recursive: true });
}

async function createRecording(StreamName: string, file: string): Promise<void> {
  const client = local.client(KinesisVideoClient);
  await client.send(new CreateStreamCommand({ StreamName, DataRetentionInHours: 1 }));
  await record(local, { endpoint: local.endpoint, streamName: StreamName, arn: "" }, file);
}

/** Plays to the end, or for some seconds of a live stream, and fails unless every frame was shown. */
async function check(
  what: string,
  frames: number,
  input: GetHLSStreamingSessionURLInput,
  forS = Infinity,
): Promise<void> {
  const command = new GetHLSStreamingSessionURLCommand(input);
  const { HLSStreamingSessionURL } = await local.client(KinesisVideoArchivedMediaClient).send(command);
  const { port } = pages.address() as AddressInfo;
  await browser.open(`http://127.0.0.1:${port}/?src=${encodeURIComponent(HLSStreamingSessionURL!)}`);
  const playback = await browser.until<Playback>(
    "window.playback()",
    ({ ended, error, atS }) => ended || error !== null || atS >= forS,
  );
  const screenshot = join(tmpdir(), `hls-${what.replaceAll(" ", "-").toLowerCase()}.png`);
  writeFileSync(screenshot, await browser.screenshot());
  console.log(`${what}: ${JSON.stringify(playback)} ${screenshot}`);
  const isWhole = playback.ended && playback.shown >= frames - 1;
  if (playback.error !== null || !(isWhole || playback.atS >= forS))
    throw new Error(`${what} did not play: expected ${frames} frames`);
}
