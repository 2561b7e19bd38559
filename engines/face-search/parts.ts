import type { StopResult } from "../../schemas/engine.ts";
import type { ReceivedFragment } from "../../schemas/fragment.ts";
import type { FaceSession } from "../../schemas/face-session.ts";

/** Names a check of a session; the message of the queue. */
export interface CheckMessage {
  readonly processorName: string;
  readonly sessionId: string;
  readonly step: number;
}

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

/** What starting, finding and stopping a session uses. All throw the client's error when there is no result. */
export interface FaceSearchParts {
  /** Epoch milliseconds. */
  now(): number;
  readonly sessions: {
    find(processorName: string): Promise<FaceSession | undefined>;
    /** Replaces exactly the version before. @returns false when another writer was faster */
    put(session: FaceSession): Promise<boolean>;
  };
  /** Sends the message after the delay, which is rounded up to whole seconds. */
  schedule(message: CheckMessage, delayMs: number): Promise<void>;
}

/** What a check of a session uses besides. */
export interface CheckParts extends FaceSearchParts {
  findProcessor(processorName: string): Promise<FoundProcessor | undefined>;
  stopProcessor(processorName: string): Promise<StopResult>;
  /** The stream's fragments in a range of producer or server time. */
  fragments(
    streamName: string,
  ): (by: "producer" | "server", fromMs: number, untilMs: number) => Promise<readonly ReceivedFragment[]>;
  /** Publishes a notification on the detections topic. */
  publish(notification: object): Promise<void>;
}
