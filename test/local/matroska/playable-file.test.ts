import { describe, expect, test } from "@jest/globals";
import { registerMediabunnyServer } from "@mediabunny/server";
import { BufferSource, Input, MATROSKA, VideoSampleSink } from "mediabunny";
import { playableFile, readSegment } from "../../../local/matroska/index.ts";
import type { ClusterPart, HeaderPart } from "../../../local/matroska/index.ts";
import { openClip } from "../../../uploader/sources/file.ts";
import { matroskaOf } from "../../uploader/matroska-of.ts";

registerMediabunnyServer({ hardwareContext: null });

async function sampleStream(): Promise<{ header: HeaderPart; clusters: ClusterPart[] }> {
  const clip = await openClip("events/videos/front-door.mp4");
  let header: HeaderPart | undefined;
  const clusters: ClusterPart[] = [];
  for await (const part of readSegment(
    matroskaOf(clip, { startMs: 1_763_700_000_000, timecodeType: "ABSOLUTE" }),
  )) {
    if (part.kind === "header") header = part;
    if (part.kind === "cluster") clusters.push(part);
  }
  await clip.close();
  return { header: header!, clusters };
}

describe("playableFile", () => {
  test("is a file that decodes from its first frame, at the stream's times", async () => {
    const { header, clusters } = await sampleStream();
    const file = playableFile(header, clusters.slice(3, 5));
    const input = new Input({ source: new BufferSource(file), formats: [MATROSKA] });
    const video = (await input.getPrimaryVideoTrack())!;
    expect(await video.getCodec()).toBe("avc");
    expect(await video.getFirstTimestamp()).toBeCloseTo(1_763_700_006, 3);

    const times: number[] = [];
    for await (const sample of new VideoSampleSink(video).samples()) {
      times.push(Math.round((sample.timestamp - 1_763_700_006) * 1000));
      expect([sample.codedWidth, sample.codedHeight]).toEqual([640, 360]);
      sample.close();
    }
    expect(times).toHaveLength(48);
    expect(times.slice(0, 3)).toEqual([0, 83, 167]);
    expect(times.at(-1)).toBe(3917);
    input.dispose();
  });
});
