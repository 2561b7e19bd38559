import type { DetectionsListener } from "../../operator/detections-listener.ts";
import type { Fleet, Made } from "../../operator/fleet.ts";
import type { ClientConfig } from "../cloud.ts";
import type { Outcomes } from "./outcome.ts";
import type { QuietHour } from "./quiet-hour.ts";

/** What the proofs work with. */
export interface Context {
  readonly fleet: Fleet;
  readonly config: ClientConfig;
  readonly listener: DetectionsListener;
  readonly outcomes: Outcomes;
  /** The camera that exists for the proof alone. */
  readonly made: Made;
  /** When everything of the proof happens, by the video's clock. */
  readonly quiet: QuietHour;
  /** A video whose first second is analysed. */
  readonly clip: string;
  /** How long rows may take to reach Athena. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
}
