import type { ReceivedFragment } from "../../schemas/fragment.ts";
import type { FrameSession } from "../../schemas/frame-session.ts";

/** An image of a moment of a stream's video. */
export type MomentImage =
  | { readonly kind: "image"; readonly jpeg: Uint8Array; readonly atMs: number }
  /** The stream has none there, or not yet. */
  | { readonly kind: "no-video" }
  | { readonly kind: "unreadable"; readonly reason: string }
  /** No image of this stream will ever come: no retention, no such stream, or no permission. */
  | { readonly kind: "refused"; readonly reason: string };

/** An object or a property that DetectLabels found, by Rekognition's own name; boxes in shares of the frame. */
export interface NamedLabel {
  readonly name: string;
  /** 0 to 100. */
  readonly confidence: number;
  readonly instances: readonly { readonly confidence: number; readonly box: Box }[];
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export type NamedLabels =
  | { readonly kind: "labels"; readonly labels: readonly NamedLabel[] }
  | { readonly kind: "throttled" }
  | { readonly kind: "unreadable"; readonly reason: string }
  | { readonly kind: "refused"; readonly reason: string };

/** One of the camera's labels, detected in an image. */
export interface FoundLabel {
  /** As the camera has it: PERSON, PET, PACKAGE, or a name of Rekognition's list. */
  readonly label: string;
  readonly confidence: number;
  readonly box: Box;
  /** Set where Rekognition gave no box: the box is the whole frame. */
  readonly isWholeFrame?: true;
}

/** Names a step of a session; the message of the queue. */
export interface StepMessage {
  readonly processorName: string;
  readonly sessionId: string;
  readonly step: number;
}

/** What a step of a session uses; each part is a module of `aws/`. All throw the client's error when there is no result. */
export interface FrameParts {
  /** Epoch milliseconds. */
  now(): number;
  readonly sessions: {
    find(processorName: string): Promise<FrameSession | undefined>;
    /** Replaces exactly the version before. @returns false when another writer was faster */
    put(session: FrameSession): Promise<boolean>;
  };
  /** Sends the message after the delay, which is rounded up to whole seconds. */
  schedule(message: StepMessage, delayMs: number): Promise<void>;
  /** Kinesis Video's GetImages for one moment, producer time. */
  imageAt(streamName: string, atMs: number): Promise<MomentImage>;
  /** The stream's fragments in a range of producer or server time. */
  fragments(
    streamName: string,
  ): (by: "producer" | "server", fromMs: number, untilMs: number) => Promise<readonly ReceivedFragment[]>;
  /** ARN of the stream, with its creation time. */
  streamArnOf(streamName: string): Promise<string>;
  /**
   * Takes one of the account's calls of DetectLabels in this second; first looks of a session go before later ones.
   * @returns false when there is none left
   */
  takeCall(priority: "first" | "later"): Promise<boolean>;
  /** Rekognition's DetectLabels, restricted to these names of its list. */
  detectLabels(jpeg: Uint8Array, names: readonly string[]): Promise<NamedLabels>;
  /** Puts an image into the evidence bucket. @returns its address, `s3://bucket/key` */
  putImage(key: string, jpeg: Uint8Array): Promise<string>;
  /** Publishes a notification on the detections topic. */
  publish(notification: object): Promise<void>;
}
