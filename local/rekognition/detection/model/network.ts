import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ModelObject, Network } from "./messages.ts";
import { CONVERTER, packageRequire, WEIGHTS } from "./packages.ts";
import { strongest } from "./overlap.ts";
import { loadTensorflow, withoutAlpha } from "./tensorflow.ts";

/** Weaker ones are too many and mostly wrong; what follows demands more. */
const MIN_SCORE = 0.3;

/** What `model.json` states of its weights (documented: TensorFlow.js converter, "web format"). */
interface ModelFile {
  readonly modelTopology: object;
  readonly format: string;
  readonly signature: object;
  readonly userDefinedMetadata?: Record<string, string>;
  readonly weightsManifest: readonly {
    readonly paths: readonly string[];
    readonly weights: readonly import("@tensorflow/tfjs-core").io.WeightsManifestEntry[];
  }[];
}

/**
 * SSDLite MobileNetV2 on TensorFlow.js's WebAssembly backend, with one thread. Loading takes half a second; a picture of
 * any size, which the network itself reduces to 300 by 300 pixels, takes about 100 ms of this thread.
 */
export async function loadNetwork(): Promise<Network<ModelObject>> {
  const tf = await loadTensorflow();
  const { GraphModel } = packageRequire(CONVERTER) as typeof import("@tensorflow/tfjs-converter");
  const graph = new GraphModel({ load: () => Promise.resolve(readModel(packageRequire.resolve(WEIGHTS))) });
  await graph.load();

  return async ({ rgba, width, height }) => {
    const input = tf.tensor4d(withoutAlpha(rgba), [1, height, width, 3], "int32");
    const output = (await graph.executeAsync(input)) as import("@tensorflow/tfjs-core").Tensor[];
    try {
      const [scores, boxes] = output as [(typeof output)[number], (typeof output)[number]];
      return objectsIn(
        (await scores.data()) as Float32Array,
        (await boxes.data()) as Float32Array,
        scores.shape[2]!,
      );
    } finally {
      tf.dispose([input, ...output]);
    }
  };
}

function readModel(file: string): import("@tensorflow/tfjs-core").io.ModelArtifacts {
  const { modelTopology, format, signature, userDefinedMetadata, weightsManifest } = JSON.parse(
    readFileSync(file, "utf8"),
  ) as ModelFile;
  const parts = weightsManifest.flatMap(({ paths }) =>
    paths.map((path) => readFileSync(join(dirname(file), path))),
  );
  return {
    modelTopology,
    format,
    signature,
    ...(userDefinedMetadata && { userDefinedMetadata }),
    weightSpecs: weightsManifest.flatMap(({ weights }) => weights),
    weightData: new Uint8Array(Buffer.concat(parts)).buffer,
  };
}

/**
 * The objects in the network's output: for each of its boxes, as top, left, bottom and right, the score of each class but
 * the background.
 */
function objectsIn(scores: Float32Array, boxes: Float32Array, classes: number): ModelObject[] {
  const found: ModelObject[] = [];
  for (let index = 0; index * classes < scores.length; index++) {
    const ofBox = scores.subarray(index * classes, (index + 1) * classes);
    const score = ofBox.reduce((highest, one) => Math.max(highest, one), 0);
    if (score < MIN_SCORE) continue;
    const [top, left, bottom, right] = Array.from(boxes.subarray(index * 4, index * 4 + 4), (edge) =>
      Math.min(1, Math.max(0, edge)),
    ) as [number, number, number, number];
    if (bottom <= top || right <= left) continue;
    const box = { left, top, width: right - left, height: bottom - top };
    found.push({ classId: ofBox.indexOf(score) + 1, score, box });
  }
  return strongest(found);
}
