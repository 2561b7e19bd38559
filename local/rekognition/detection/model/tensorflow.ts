import { dirname } from "node:path";
import { BACKEND, packageRequire, TENSORFLOW } from "./packages.ts";

type Tensorflow = typeof import("@tensorflow/tfjs-core");

/** TensorFlow.js on its WebAssembly backend, with one thread. */
export async function loadTensorflow(): Promise<Tensorflow> {
  const tf = packageRequire(TENSORFLOW) as Tensorflow;
  const wasm = packageRequire(BACKEND) as typeof import("@tensorflow/tfjs-backend-wasm");
  wasm.setWasmPaths(`${dirname(packageRequire.resolve(BACKEND))}/`);
  wasm.setThreadsCount(1);
  await tf.setBackend("wasm");
  await tf.ready();
  return tf;
}

/** The bytes of red, green and blue. */
export function withoutAlpha(rgba: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    rgb[to++] = rgba[from]!;
    rgb[to++] = rgba[from + 1]!;
    rgb[to++] = rgba[from + 2]!;
  }
  return rgb;
}
