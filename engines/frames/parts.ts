import type { FragmentsOf } from "../../core/sessions/analysed-video.ts";
import type { FaceRequest } from "../../schemas/face.ts";
import type { FrameSession } from "../../schemas/frame-session.ts";
import type { Box, MomentImage, NamedLabels, StreamFound } from "../../schemas/images.ts";
import type { SessionParts } from "../recorded-engine.ts";

export type { Box, MomentImage, NamedLabel, NamedLabels } from "../../schemas/images.ts";

/** One of the camera's labels, detected in an image. */
export interface FoundLabel {
  /** As the camera has it: PERSON, PET, PACKAGE, or a name of Rekognition's list. */
  readonly label: string;
  readonly confidence: number;
  readonly box: Box;
  /** Set where Rekognition gave no box: the box is the whole frame. */
  readonly isWholeFrame?: true;
}

/** What a step of a session uses; each part is a module of `aws/`. All throw the client's error when there is no result. */
export interface FrameParts extends SessionParts<FrameSession> {
  /** 0 up to but not including 1. */
  random(): number;
  /** Kinesis Video's GetImages for one moment, producer time. */
  imageAt(streamName: string, atMs: number): Promise<MomentImage>;
  readonly fragments: FragmentsOf;
  /** The stream's ARN, or why it cannot be sampled. */
  streamArnOf(streamName: string): Promise<StreamFound>;
  /**
   * Takes one of the account's calls of DetectLabels in this second; first looks of a session go before later ones.
   * @returns false when there is none left
   */
  takeCall(priority: "first" | "later"): Promise<boolean>;
  /** Rekognition's DetectLabels, restricted to these names of its list. @param minConfidence 0 to 100 */
  detectLabels(jpeg: Uint8Array, names: readonly string[], minConfidence: number): Promise<NamedLabels>;
  /** Puts an image into the evidence bucket. @returns its address, `s3://bucket/key` */
  putImage(key: string, jpeg: Uint8Array): Promise<string>;
  /** Publishes a notification on the detections topic. */
  publish(notification: object): Promise<void>;
  /** Sends an image's persons to the search of faces; what takes long counts as failed, since labels wait for it. */
  sendPersons(request: FaceRequest): Promise<void>;
  /** Counts and logs that an image's persons could not be sent. */
  personsUnsent(error: unknown, session: Pick<FrameSession, "sessionId" | "streamName">): void;
}
