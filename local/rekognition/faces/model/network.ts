import { registerHooks } from "node:module";
import { dirname, join } from "node:path";
import type { Network } from "../../detection/model/messages.ts";
import { FACES, packageRequire, TENSORFLOW } from "../../detection/model/packages.ts";
import { loadTensorflow, withoutAlpha } from "../../detection/model/tensorflow.ts";
import type { ModelFace } from "./messages.ts";

/** Weaker ones are mostly no faces. */
const MIN_SCORE = 0.4;
/** The side of the square that the detector reduces a picture to, in pixels: a multiple of 32. */
const INPUT_SIZE = 512;

type Tensorflow = typeof import("@tensorflow/tfjs-core");
interface Net {
  loadFromDisk(folder: string): Promise<void>;
}
interface Found {
  readonly detection: {
    readonly score: number;
    readonly box: {
      readonly left: number;
      readonly top: number;
      readonly right: number;
      readonly bottom: number;
    };
  };
  readonly landmarks: { readonly positions: readonly { readonly x: number; readonly y: number }[] };
  readonly descriptor: Float32Array;
}
interface FaceApi {
  readonly nets: Readonly<Record<"tinyFaceDetector" | "faceLandmark68Net" | "faceRecognitionNet", Net>>;
  readonly TinyFaceDetectorOptions: new (options: { inputSize: number; scoreThreshold: number }) => object;
  detectAllFaces(
    input: object,
    options: object,
  ): { withFaceLandmarks(): { withFaceDescriptors(): Promise<Found[]> } };
}

/**
 * TinyFaceDetector, 68 landmarks and dlib's face descriptor, of face-api, on TensorFlow.js's WebAssembly backend. Takes 100
 * to 200 ms of this thread for each face.
 *
 * face-api's build for Node asks for all of `@tensorflow/tfjs`; the core suffices, so this thread resolves the name to that.
 */
export async function loadFaceNetwork(): Promise<Network<ModelFace>> {
  registerHooks({
    resolve: (name, context, next) => next(name === "@tensorflow/tfjs" ? TENSORFLOW : name, context),
  });
  const tf = await loadTensorflow();
  addMethods(tf);
  const folder = dirname(packageRequire.resolve(`${FACES}/package.json`));
  const api = packageRequire(join(folder, "dist/face-api.node-wasm.js")) as FaceApi;
  for (const net of [api.nets.tinyFaceDetector, api.nets.faceLandmark68Net, api.nets.faceRecognitionNet])
    await net.loadFromDisk(join(folder, "model"));
  const options = new api.TinyFaceDetectorOptions({ inputSize: INPUT_SIZE, scoreThreshold: MIN_SCORE });

  return async ({ rgba, width, height }) => {
    const input = tf.tensor3d(withoutAlpha(rgba), [height, width, 3], "int32");
    try {
      const found = await api.detectAllFaces(input, options).withFaceLandmarks().withFaceDescriptors();
      return found.map(({ detection: { box, score }, landmarks, descriptor }) => {
        const [left, right] = [box.left, box.right].map((x) => inUnit(x / width)) as [number, number];
        const [top, bottom] = [box.top, box.bottom].map((y) => inUnit(y / height)) as [number, number];
        return {
          score,
          box: { left, top, width: right - left, height: bottom - top },
          points: landmarks.positions.flatMap(({ x, y }) => [x / width, y / height]),
          vector: descriptor,
        };
      });
    } finally {
      tf.dispose(input);
    }
  };
}

const inUnit = (ratio: number): number => Math.min(1, Math.max(0, ratio));

/** face-api calls some operations as methods of tensors, which the core of TensorFlow.js does not add. */
function addMethods(tf: Tensorflow): void {
  const methods = tf.Tensor.prototype as unknown as Record<string, unknown>;
  type Operation = (...operands: unknown[]) => unknown;
  for (const [name, operation] of Object.entries(tf) as [string, unknown][])
    if (typeof operation === "function" && !(name in methods))
      methods[name] = function (this: object, ...rest: unknown[]) {
        return (operation as Operation)(this, ...rest);
      };
  methods["toFloat"] = function (this: import("@tensorflow/tfjs-core").Tensor) {
    return tf.cast(this, "float32");
  };
  methods["toInt"] = function (this: import("@tensorflow/tfjs-core").Tensor) {
    return tf.cast(this, "int32");
  };
  methods["as1D"] = function (this: import("@tensorflow/tfjs-core").Tensor) {
    return tf.reshape(this, [this.size]);
  };
  methods["asScalar"] = function (this: import("@tensorflow/tfjs-core").Tensor) {
    return tf.reshape(this, []);
  };
  for (const rank of [2, 3, 4])
    methods[`as${rank}D`] = function (this: import("@tensorflow/tfjs-core").Tensor, ...shape: number[]) {
      return tf.reshape(this, shape);
    };
}
