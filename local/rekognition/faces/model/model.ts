import { missingFaceModel } from "../../detection/model/packages.ts";
import { PictureModel } from "../../detection/model/picture-model.ts";
import type { ModelFace } from "./messages.ts";

/** The face model in its worker. */
export class FaceModel extends PictureModel<ModelFace> {
  constructor(isOn: boolean) {
    super("face model", new URL("./worker.ts", import.meta.url), () => missingFaceModel(isOn));
  }
}
