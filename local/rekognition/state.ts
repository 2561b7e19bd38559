import type { Cloud } from "../cloud.ts";
import { ObjectModel } from "./detection/model/model.ts";
import { Processors } from "./processors.ts";
import { Sessions } from "./sessions/sessions.ts";

/** What the actions share. */
export interface RekognitionState {
  readonly processors: Processors;
  readonly sessions: Sessions;
  /** Whether the account may use streaming video. */
  isOpen: boolean;
  readonly model: ObjectModel;
}

export function openState(cloud: Cloud): RekognitionState {
  const processors = new Processors(cloud);
  const model = new ObjectModel(cloud.objectModel);
  return { processors, sessions: new Sessions(cloud, processors, model), model, isOpen: true };
}
