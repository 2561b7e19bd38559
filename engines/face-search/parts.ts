import type { FragmentsOf } from "../../core/sessions/analysed-video.ts";
import type { StopResult } from "../../schemas/engine.ts";
import type { FaceSession } from "../../schemas/face-session.ts";
import type { SessionParts } from "../recorded-engine.ts";

/** A FaceSearch stream processor as Rekognition describes it. */
export interface FoundProcessor {
  /** Documented: STOPPED, STARTING, RUNNING, FAILED, STOPPING, UPDATING. */
  readonly status: string;
  /** Why it failed. */
  readonly reason?: string | undefined;
  readonly streamArn: string;
  /** When it was last started, stopped or changed (documented: DescribeStreamProcessor, LastUpdateTimestamp). */
  readonly updatedAtMs: number;
}

/** Whether a processor runs until it is stopped. */
export const isRunning = ({ status }: Pick<FoundProcessor, "status">): boolean =>
  status === "RUNNING" || status === "STARTING";

/** Result of starting a processor. */
export type ProcessorStarted =
  | { readonly kind: "started" }
  | { readonly kind: "throttled" }
  | { readonly kind: "processor-busy" }
  | { readonly kind: "refused"; readonly reason: string };

/** What a check of a session uses. */
export interface CheckParts extends SessionParts<FaceSession> {
  findProcessor(processorName: string): Promise<FoundProcessor | undefined>;
  stopProcessor(processorName: string): Promise<StopResult>;
  readonly fragments: FragmentsOf;
  /** Publishes a notification on the detections topic. */
  publish(notification: object): Promise<void>;
}
