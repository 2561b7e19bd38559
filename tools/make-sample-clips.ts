/** Draws the sample clips of `events/videos` and writes their labels; see `--help`. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createCanvas } from "@napi-rs/canvas";
import { registerMediabunnyServer } from "@mediabunny/server";
import { BufferTarget, Mp4OutputFormat, Output, Quality, VideoSample, VideoSampleSource } from "mediabunny";
import { backYard } from "./scenes/back-yard.ts";
import { randomSequence } from "../base/random.ts";
import { frameHeight, frameWidth } from "./scenes/drawing.ts";
import type { Bounds, DrawnObject } from "./scenes/drawing.ts";
import { frontDoor } from "./scenes/front-door.ts";

const help = `Draws the sample clips front-door and back-yard (H.264 MP4) and their ground-truth labels.

  node tools/make-sample-clips.ts [--out <folder>] [--frames <seconds,...>]

  --out     folder for the files, default events/videos
  --frames  write PNG images of these seconds instead of clips and labels
  --help    this text
`;

const scenes = [frontDoor, backYard];
type Scene = (typeof scenes)[number];

const frameRate = 12;
const keyframeIntervalS = 2;
const noiseLevels = 3;
const labelIntervalFrames = 3;
/** About 38 by 38 pixels: what a person recognises at a glance. */
const minAreaPixels = 1450;
const confidence = { PERSON: 98.6, PET: 95.2, PACKAGE: 93.4 };

function drawScene(scene: Scene) {
  const canvas = createCanvas(frameWidth, frameHeight);
  const context = canvas.getContext("2d");
  const background = scene.background();
  const random = randomSequence(1);
  return {
    canvas,
    draw: (atMs: number): { pixels: Uint8ClampedArray; objects: DrawnObject[] } => {
      context.drawImage(background, 0, 0);
      const objects = scene.drawFigures(context, atMs);
      const image = context.getImageData(0, 0, frameWidth, frameHeight);
      // Sensor noise: one random offset per pixel and frame, the same for all three colours.
      for (let i = 0; i < image.data.length; i += 4) {
        const offset = (random() - 0.5) * 2 * noiseLevels;
        for (let channel = i; channel < i + 3; channel++) image.data[channel]! += offset;
      }
      context.putImageData(image, 0, 0);
      return { pixels: image.data, objects };
    },
  };
}

/** A figure's box as ratios of the frame; undefined unless all of it is in the frame, and large enough to recognise. */
function recognisableBox({ left, top, right, bottom }: Bounds) {
  const width = right - left;
  const height = bottom - top;
  if (left < 0 || top < 0 || right > frameWidth || bottom > frameHeight) return undefined;
  if (width * height < minAreaPixels) return undefined;
  const ratio = (pixels: number, size: number) => Math.round((pixels / size) * 10_000) / 10_000;
  return {
    left: ratio(left, frameWidth),
    top: ratio(top, frameHeight),
    width: ratio(width, frameWidth),
    height: ratio(height, frameHeight),
  };
}

type Keyframe = { offsetMillis: number; box: NonNullable<ReturnType<typeof recognisableBox>> };

async function makeClip(scene: Scene, folder: string): Promise<string> {
  const output = new Output({
    format: new Mp4OutputFormat({ fastStart: "in-memory" }),
    target: new BufferTarget(),
  });
  const source = new VideoSampleSource({
    codec: "avc",
    quality: new Quality({ bitrate: 300_000 }),
    keyFrameInterval: keyframeIntervalS,
  });
  output.addVideoTrack(source, { frameRate });
  await output.start();

  const tracks = new Map<DrawnObject["name"], { offsetMillis: number; bounds: Bounds }[]>();
  const { draw } = drawScene(scene);
  const frames = (scene.durationMs / 1000) * frameRate;
  for (let frame = 0; frame < frames; frame++) {
    const { pixels, objects } = draw((frame * 1000) / frameRate);
    const sample = new VideoSample(pixels, {
      format: "RGBA",
      codedWidth: frameWidth,
      codedHeight: frameHeight,
      timestamp: frame / frameRate,
      duration: 1 / frameRate,
    });
    await source.add(sample, { keyFrame: frame % (keyframeIntervalS * frameRate) === 0 });
    sample.close();
    for (const { name, bounds } of objects) {
      const inFrames = tracks.get(name) ?? [];
      tracks.set(name, [...inFrames, { offsetMillis: Math.round((frame * 1000) / frameRate), bounds }]);
    }
  }
  await output.finalize();
  const bytes = new Uint8Array(output.target.buffer!);
  const labels = {
    video: `${scene.name}.mp4`,
    durationMillis: scene.durationMs,
    width: frameWidth,
    height: frameHeight,
    note: `${scene.note} An object is listed while all of it is in the frame, and large enough to recognise. Ratios of the frame, linear between keyframes, absent outside them.`,
    tracks: [...tracks].map(([name, inFrames]) => ({
      name,
      confidence: confidence[name],
      keyframes: labelKeyframes(inFrames),
    })),
  };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${scene.name}.mp4`), bytes);
  await writeFile(join(folder, `${scene.name}.labels.json`), `${JSON.stringify(labels, null, 1)}\n`);
  return `${join(folder, scene.name)}.mp4: ${(bytes.length / 1000).toFixed(0)} kB, ${frames} frames`;
}

/** Every third frame in which an object can be recognised, and the first and last. */
function labelKeyframes(inFrames: { offsetMillis: number; bounds: Bounds }[]): Keyframe[] {
  const listed = inFrames.flatMap(({ offsetMillis, bounds }) => {
    const box = recognisableBox(bounds);
    return box ? [{ offsetMillis, box }] : [];
  });
  return listed.filter((_, i) => i % labelIntervalFrames === 0 || i === listed.length - 1);
}

async function writeFrames(scene: Scene, folder: string, seconds: number[]): Promise<string> {
  await mkdir(folder, { recursive: true });
  const { canvas, draw } = drawScene(scene);
  for (const second of seconds) {
    draw(second * 1000);
    await writeFile(join(folder, `${scene.name}-${second}s.png`), await canvas.encode("png"));
  }
  return `${scene.name}: ${seconds.length} images`;
}

const { values } = parseArgs({
  options: {
    out: { type: "string", default: "events/videos" },
    frames: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) process.stdout.write(help);
else {
  registerMediabunnyServer({ hardwareContext: null });
  for (const scene of scenes) {
    const done = values.frames
      ? await writeFrames(scene, values.out, values.frames.split(",").map(Number))
      : await makeClip(scene, values.out);
    process.stdout.write(`${done}\n`);
  }
}
