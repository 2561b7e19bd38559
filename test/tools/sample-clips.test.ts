import { readFile } from "node:fs/promises";
import { describe, expect, test } from "@jest/globals";
import { registerMediabunnyServer } from "@mediabunny/server";
import { ALL_FORMATS, FilePathSource, Input, VideoSampleSink } from "mediabunny";

registerMediabunnyServer({ hardwareContext: null });

type Box = { left: number; top: number; width: number; height: number };
type Labels = {
  video: string;
  durationMillis: number;
  width: number;
  height: number;
  note: string;
  tracks: { name: string; confidence: number; keyframes: { offsetMillis: number; box: Box }[] }[];
};

const readLabels = async (name: string) =>
  JSON.parse(await readFile(`events/videos/${name}.labels.json`, "utf8")) as Labels;

function boxAt(track: Labels["tracks"][number], offsetMillis: number): Box | undefined {
  return track.keyframes.find((keyframe) => keyframe.offsetMillis === offsetMillis)?.box;
}

/** The RGBA pixels of the frames at these times, in seconds. */
async function decodeFrames(name: string, timesS: number[]): Promise<Uint8Array[]> {
  const input = new Input({ source: new FilePathSource(`events/videos/${name}.mp4`), formats: ALL_FORMATS });
  const frames: Uint8Array[] = [];
  for await (const sample of new VideoSampleSink((await input.getPrimaryVideoTrack())!).samplesAtTimestamps(
    timesS,
  )) {
    const pixels = new Uint8Array(sample!.allocationSize({ format: "RGBA" }));
    await sample!.copyTo(pixels, { format: "RGBA" });
    frames.push(pixels);
    sample!.close();
  }
  input.dispose();
  return frames;
}

/** The box around what differs clearly, in any colour, between two frames. */
function changedBox(before: Uint8Array, after: Uint8Array, width: number, height: number): Box {
  const columns = new Uint32Array(width);
  const rows = new Uint32Array(height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    let difference = 0;
    for (let colour = pixel * 4; colour < pixel * 4 + 3; colour++)
      difference += Math.abs(before[colour]! - after[colour]!);
    if (difference < 48) continue;
    columns[pixel % width]!++;
    rows[Math.floor(pixel / width)]!++;
  }
  const [left, right] = [columns.findIndex((n) => n > 2), columns.findLastIndex((n) => n > 2) + 1];
  const [top, bottom] = [rows.findIndex((n) => n > 2), rows.findLastIndex((n) => n > 2) + 1];
  return {
    left: left / width,
    top: top / height,
    width: (right - left) / width,
    height: (bottom - top) / height,
  };
}

function overlap(a: Box, b: Box): number {
  const shared = (from: number, length: number, otherFrom: number, otherLength: number) =>
    Math.max(0, Math.min(from + length, otherFrom + otherLength) - Math.max(from, otherFrom));
  const both = shared(a.left, a.width, b.left, b.width) * shared(a.top, a.height, b.top, b.height);
  return both / (a.width * a.height + b.width * b.height - both);
}

describe("the sample clips", () => {
  test.each([
    ["front-door", 16_000, ["PERSON", "PACKAGE"]],
    ["back-yard", 15_000, ["PET", "PERSON"]],
  ])("%s has labels in order of time, within the frame and the clip", async (name, durationMillis, names) => {
    const labels = await readLabels(name);
    expect(labels).toMatchObject({ video: `${name}.mp4`, durationMillis, width: 640, height: 360 });
    expect(labels.tracks.map((track) => track.name)).toEqual(names);
    for (const { keyframes } of labels.tracks) {
      expect(keyframes.length).toBeGreaterThan(10);
      const offsets = keyframes.map(({ offsetMillis }) => offsetMillis);
      expect(offsets).toEqual([...new Set(offsets)].sort((a, b) => a - b));
      expect(offsets.at(-1)!).toBeLessThan(durationMillis);
      for (const { box } of keyframes) {
        expect(Math.min(box.left, box.top)).toBeGreaterThanOrEqual(0);
        expect(Math.max(box.left + box.width, box.top + box.height)).toBeLessThanOrEqual(1.0002);
        expect(Math.min(box.width, box.height)).toBeGreaterThan(0);
      }
    }
  });

  test("list an object while all of it is in the frame, and large enough to recognise", async () => {
    for (const name of ["front-door", "back-yard"]) {
      const { tracks, width, height } = await readLabels(name);
      for (const { box } of tracks.flatMap(({ keyframes }) => keyframes)) {
        expect(
          Math.min(box.left, box.top, 1 - box.left - box.width, 1 - box.top - box.height),
        ).toBeGreaterThan(0);
        expect(box.width * width * box.height * height).toBeGreaterThan(1440);
      }
    }
  });

  test("leave the package on the mat when the person has gone", async () => {
    const [person, parcel] = (await readLabels("front-door")).tracks;
    expect(person!.keyframes.at(-1)!.offsetMillis).toBeLessThan(15_600);
    expect(parcel!.keyframes.at(-1)!.offsetMillis).toBe(15_917);
  });

  test("show each object where its label says", async () => {
    const labels = await readLabels("back-yard");
    for (const track of labels.tracks) {
      const middle = track.keyframes.slice(4, -4).filter((_, i) => i % 5 === 0);
      const times = middle.map(({ offsetMillis }) => offsetMillis / 1000 + 0.02);
      const [empty, ...frames] = await decodeFrames("back-yard", [0.1, ...times]);
      frames.forEach((frame, i) => {
        const seen = changedBox(empty!, frame, labels.width, labels.height);
        expect(overlap(seen, boxAt(track, middle[i]!.offsetMillis)!)).toBeGreaterThan(0.75);
      });
      expect(frames.length).toBeGreaterThan(2);
    }
  });
});
