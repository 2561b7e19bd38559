import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  GetHLSStreamingSessionURLCommand,
  KinesisVideoArchivedMediaClient,
  type GetHLSStreamingSessionURLInput,
} from "@aws-sdk/client-kinesis-video-archived-media";
import { afterAll, beforeAll } from "@jest/globals";
import { kinesisVideo } from "../../../local/kinesis-video/index.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";
import { createCamera, type Camera } from "./camera.ts";
import { FRONT_DOOR, h264CodecPrivate, headerOf, record, START_MS } from "./clips.ts";
import { Player } from "./player.ts";
import { putAll } from "./producer.ts";
import { readerTemplate } from "./reader-role.ts";
import { fragment } from "./recording.ts";

/*
 * A local cloud with a recording of the synthetic clip, for each test of a file that plays HLS.
 */

type Request = Partial<GetHLSStreamingSessionURLInput>;

export const folder = mkdtempSync(join(tmpdir(), "doorstep-hls-"));
export let local: TestCloud;
/** Its stream has the synthetic clip. */
export let camera: Camera;

export async function boot(): Promise<void> {
  local = await startTestCloud({
    services: [kinesisVideo],
    template: readerTemplate("kinesisvideo:GetHLSStreamingSessionURL"),
    dataFolder: join(folder, "data"),
  });
}

/** Boots before the tests of the file and stops after them. */
export function useHls(): void {
  beforeAll(async () => {
    await boot();
    camera = await createCamera(local);
    await record(local, camera, FRONT_DOOR);
  });
  afterAll(async () => {
    await local.stop();
    rmSync(folder, { recursive: true });
  });
}

/** A range of producer timestamps, in ms from the clip's first frame. */
export const range = (fromMs: number, toMs?: number) => ({
  FragmentSelectorType: "PRODUCER_TIMESTAMP" as const,
  TimestampRange: {
    StartTimestamp: new Date(START_MS + fromMs),
    ...(toMs !== undefined && { EndTimestamp: new Date(START_MS + toMs) }),
  },
});
export const onDemand = { PlaybackMode: "ON_DEMAND", HLSFragmentSelector: range(0, 60_000) } as const;

export const urlOf = async (
  input: Request,
  client = local.client(KinesisVideoArchivedMediaClient),
): Promise<string> => {
  const command = new GetHLSStreamingSessionURLCommand({ StreamName: camera.streamName, ...input });
  return (await client.send(command)).HLSStreamingSessionURL!;
};

export const play = async (input: Request): Promise<Player> => await Player.open(await urlOf(input));

/** Records three-second fragments with frames that have no picture, at these ms from the clip's first frame. */
export async function recordBlank(camera: Camera, ...timecodes: number[]): Promise<void> {
  const header = headerOf({ codecId: "V_MPEG4/ISO/AVC", codecPrivate: await h264CodecPrivate() });
  const data = Uint8Array.of(0, 0, 0, 2, 0x65, 0x80);
  const frames = [0, 1000, 2000].map((atMs) => ({ atMs, data }));
  const producer = { ...camera, timecodeType: "RELATIVE" as const, producerStartMs: START_MS };
  await putAll(producer, header, ...timecodes.map((timecode) => fragment(timecode, frames)));
}
