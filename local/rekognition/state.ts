import type { Cloud } from "../cloud.ts";
import { Processors } from "./processors.ts";
import { Sessions } from "./sessions/sessions.ts";

/** What the actions share. */
export interface RekognitionState {
  readonly processors: Processors;
  readonly sessions: Sessions;
  /** Whether the account may use streaming video. */
  isOpen: boolean;
}

export function openState(cloud: Cloud): RekognitionState {
  const processors = new Processors(cloud);
  return { processors, sessions: new Sessions(cloud, processors), isOpen: true };
}
