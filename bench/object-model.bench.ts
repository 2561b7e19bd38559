/**
 * The local Rekognition's object model in its worker, compared with the same network in the main thread: milliseconds a
 * picture, and how long the main loop stalls meanwhile. Both look at the same pictures of a sample clip and have to find the
 * same objects.
 *
 *     npm run bench -- object-model
 */
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setImmediate } from "node:timers/promises";
import { registerMediabunnyServer } from "@mediabunny/server";
import { ALL_FORMATS, FilePathSource, Input, VideoSampleSink } from "mediabunny";
import type { ModelObject } from "../local/rekognition/detection/model/messages.ts";
import { ObjectModel } from "../local/rekognition/detection/model/model.ts";
import { loadNetwork } from "../local/rekognition/detection/model/network.ts";
import { rounded } from "./figures.ts";
import { pairedRounds } from "./paired-rounds.ts";
import { figure, report } from "./result.ts";

const CLIP = join(import.meta.dirname, "../events/videos/front-door.mp4");
const PICTURES = 20;
const INTERVAL_S = 0.5;
const ROUNDS = 5;

interface Picture {
  readonly rgba: Uint8Array;
  readonly width: number;
  readonly height: number;
}
type Look = (picture: Picture) => Promise<readonly ModelObject[]>;

registerMediabunnyServer();
const pictures = await picturesOf(CLIP);
const rssBefore = process.memoryUsage.rss();
const model = new ObjectModel(true);
try {
  const missing = model.missing();
  if (missing !== undefined) throw new Error(missing);
  const worker: Look = (picture) => model.look(picture);
  await worker(pictures[0]!);
  const modelMb = (process.memoryUsage.rss() - rssBefore) / 1e6;
  const network = await loadNetwork();
  const stallsMs = { worker: [] as number[], main: [] as number[] };
  const found = new Set<string>();

  const timed = (look: Look, stalls: number[]) => async (): Promise<number> => {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const startedAt = performance.now();
    const objects: ModelObject[][] = [];
    for (const picture of pictures) {
      objects.push([...(await look(picture))]);
      // The main loop turns once between two pictures, or a network in it would stall it for all of them.
      await setImmediate();
    }
    const tookMs = performance.now() - startedAt;
    delay.disable();
    stalls.push(delay.max / 1e6);
    found.add(JSON.stringify(objects));
    return tookMs / PICTURES;
  };
  const { ours, rival, ratio } = await pairedRounds(
    { ours: timed(worker, stallsMs.worker), rival: timed(network, stallsMs.main) },
    { warmUpRounds: 1, rounds: ROUNDS },
  );
  if (found.size !== 1) throw new Error("worker and main thread found different objects");

  const size = `${pictures[0]!.width}x${pictures[0]!.height}`;
  report("object-model", {
    figures: [
      figure(`a picture of ${size} in the worker`, rounded(ours, 1), "ms"),
      figure("a picture in the main thread", rounded(rival, 1), "ms"),
      figure("longest stall of the main loop", rounded(Math.max(...stallsMs.worker), 1), "ms", {
        atMost: 50,
      }),
      figure("longest stall with the main thread", rounded(Math.max(...stallsMs.main), 1), "ms"),
      figure("memory with the model grows by", rounded(modelMb, 0), "MB"),
    ],
    rival: {
      name: "the same network in the main thread",
      ratio: rounded(ratio),
      ratioOf: "its time / the worker's",
    },
    sameWork: `both found the same objects in ${PICTURES} pictures, in every round`,
  });
} finally {
  await model.close();
}

async function picturesOf(file: string): Promise<Picture[]> {
  using input = new Input({ source: new FilePathSource(file), formats: ALL_FORMATS });
  const track = (await input.getPrimaryVideoTrack())!;
  const found: Picture[] = [];
  for await (using sample of new VideoSampleSink(track).samples()) {
    if (sample.timestamp < found.length * INTERVAL_S || found.length === PICTURES) continue;
    const rgba = new Uint8Array(sample.allocationSize({ format: "RGBA" }));
    await sample.copyTo(rgba, { format: "RGBA" });
    found.push({ rgba, width: sample.visibleRect.width, height: sample.visibleRect.height });
  }
  if (found.length !== PICTURES)
    throw new Error(`${file} has ${found.length} pictures; expected ${PICTURES}`);
  return found;
}
