import type { Clock } from "../../base/clock.ts";
import type { ClientConfig } from "../../operator/client-config.ts";
import type { DetectionsListener } from "../../operator/detections-listener.ts";
import type { CameraParts, Fleet } from "../../operator/fleet.ts";
import type { Outcomes } from "./outcome.ts";
import type { QuietHour } from "./quiet-hour.ts";

/** What the steps of a proof share. */
export interface Context {
  readonly fleet: Fleet;
  readonly config: ClientConfig;
  readonly listener: DetectionsListener;
  readonly outcomes: Outcomes;
  /** The camera that is created for the proof only. */
  readonly created: CameraParts;
  /** When the proof's video begins, in producer time. */
  readonly quiet: QuietHour;
  /** A video whose first second is analysed. */
  readonly clip: string;
  /** When the stack was last changed, epoch milliseconds. */
  readonly stackChangedAtMs: number | undefined;
  /** How long rows may take to reach Athena. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly onProgress: (text: string) => void;
}
