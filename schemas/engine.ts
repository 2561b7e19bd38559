/** The engines that detect labels. */
export const LABEL_ENGINES = ["stream-processor", "frames"] as const;

/** The one list of engines: what a camera may choose, what `doorstep cost` prices and what the documentation names. */
export const ENGINES = [...LABEL_ENGINES, "face-search"] as const;

export type EngineName = (typeof ENGINES)[number];

/** What a camera uses unless it chooses another. */
export const DEFAULT_ENGINE: EngineName = "stream-processor";

/** Longest duration of a session (documented: StartStreamProcessor, MaxDurationInSeconds 1 to 120). */
export const MAX_DURATION_SECONDS = 120;

/** A session to start. */
export interface SessionRequest {
  /** What the camera's sessions run on: one name per camera, so that it has at most one run at a time. */
  readonly processorName: string;
  /** Producer time of the first video to analyse, epoch milliseconds. */
  readonly videoStartMs: number;
  /** How much video to analyse at most, 1 to {@link MAX_DURATION_SECONDS}. */
  readonly maxDurationSeconds: number;
}

/** Result of a start. */
export type StartResult =
  | { readonly kind: "started"; readonly sessionId: string }
  /** The account's rate or its number of running sessions is used up. */
  | { readonly kind: "throttled" }
  /** The camera's last run has not ended. */
  | { readonly kind: "processor-busy" }
  | { readonly kind: "refused"; readonly reason: string };

/** Status of a camera's latest run. */
export type RunStatus =
  | { readonly kind: "running" }
  | { readonly kind: "stopped" }
  | { readonly kind: "failed"; readonly reason: string }
  /** The engine has nothing of that name. */
  | { readonly kind: "not-found" };

/** Result of a stop. */
export type StopResult = "stopped" | "not-running" | "not-found";
