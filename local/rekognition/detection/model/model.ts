import type { ModelObject } from "./messages.ts";
import { missingModel } from "./packages.ts";
import { PictureModel } from "./picture-model.ts";

/** The object model in its worker. */
export class ObjectModel extends PictureModel<ModelObject> {
  constructor(isOn: boolean) {
    super("object model", new URL("./worker.ts", import.meta.url), () => missingModel(isOn));
  }
}
