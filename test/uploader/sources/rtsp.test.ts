import { afterEach, expect, test } from "@jest/globals";
import { ALL_FORMATS, FilePathSource, Input } from "mediabunny";
import { openClip } from "../../../uploader/sources/file.ts";
import { openRtsp } from "../../../uploader/sources/rtsp.ts";
import type { SourceFragment } from "../../../uploader/sources/source.ts";
import { frontDoorClip } from "../synthetic-clips.ts";
import { nalUnits, startRtspCamera, type RtspCamera } from "./rtsp-camera.ts";

let camera: RtspCamera | undefined;
afterEach(() => camera?.stop());

test("reads a camera over RTSP: the frames it sends, cut at its keyframes", async () => {
  const sent = await fragmentsOf(frontDoorClip);
  camera = await startRtspCamera(sent, await parameterSets(frontDoorClip));
  const source = await openRtsp(camera.url);
  expect(source).toMatchObject({ videoCodec: "avc", width: 640, height: 360, plan: undefined });
  // The camera's password is not part of its name.
  expect(source.name).toMatch(/^rtsp:\/\/127\.0\.0\.1:\d+\/live$/);
  const got: SourceFragment[] = [];
  for await (const fragment of source.fragments(0)) got.push(fragment);
  await source.close();
  expect(camera.methods.slice(0, 4)).toEqual(["OPTIONS", "DESCRIBE", "SETUP", "PLAY"]);
  expect(got.map(({ startMs }) => Math.round(startMs / 10) * 10)).toEqual([
    0, 2000, 4000, 6000, 8000, 10_000, 12_000, 14_000,
  ]);
  expect(pictures(got)).toEqual(pictures(sent));
});

test("names a camera that does not respond", async () => {
  await expect(openRtsp("rtsp://user:secret@127.0.0.1:9/live")).rejects.toMatchObject({
    name: "SourceError",
    code: "UNREACHABLE",
    message: expect.stringMatching(/^rtsp:\/\/127\.0\.0\.1:9\/live: /),
  });
});

async function fragmentsOf(file: string): Promise<SourceFragment[]> {
  const clip = await openClip(file);
  const all: SourceFragment[] = [];
  for await (const fragment of clip.fragments(0)) all.push(fragment);
  await clip.close();
  return all;
}

const pictures = (fragments: readonly SourceFragment[]): Buffer[] =>
  fragments
    .flatMap(({ frames }) => frames.flatMap(({ data }) => [...nalUnits(data)]))
    .filter((unit) => [1, 5].includes(unit[0]! & 0x1f));

/** From the clip's AVC decoder configuration record (ISO/IEC 14496-15). */
async function parameterSets(file: string): Promise<{ sps: Buffer; pps: Buffer }> {
  using input = new Input({ source: new FilePathSource(file), formats: ALL_FORMATS });
  const { description } = (await (await input.getPrimaryVideoTrack())!.getDecoderConfig())!;
  const record = Buffer.from(description as Uint8Array);
  const spsBytes = record.readUInt16BE(6);
  const sps = record.subarray(8, 8 + spsBytes);
  const ppsAt = 8 + spsBytes + 1;
  return { sps, pps: record.subarray(ppsAt + 2, ppsAt + 2 + record.readUInt16BE(ppsAt)) };
}
