/** What the engine `frames` gets from AWS: an image of a moment, and what Rekognition finds in it. */

/** The folder of the evidence bucket with the frames and crops of every engine. */
export const EVIDENCE_PREFIX = "evidence";

/** An image of a moment of a stream's video. */
export type MomentImage =
  | { readonly kind: "image"; readonly jpeg: Uint8Array; readonly atMs: number }
  /** The stream has none there, or not yet. */
  | { readonly kind: "no-video" }
  | { readonly kind: "unreadable"; readonly reason: string }
  /** The stream's quota of reads is used up; it is shared with playback. */
  | { readonly kind: "throttled" }
  /** GetImages will never return an image of this stream: no retention, no such stream, or no permission. */
  | { readonly kind: "refused"; readonly reason: string };

/** The stream of a session. */
export type StreamFound =
  /** `arn` contains its creation time. */
  | { readonly kind: "stream"; readonly arn: string }
  /** It cannot be sampled: it stores no video, does not exist, or may not be described. */
  | { readonly kind: "refused"; readonly reason: string };

/** In shares of the frame; within it, and with an area. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** An object or a property that DetectLabels found, by Rekognition's own name. */
export interface NamedLabel {
  readonly name: string;
  /** 0 to 100. */
  readonly confidence: number;
  /** Empty for labels that Rekognition gives no boxes for. */
  readonly instances: readonly { readonly confidence: number; readonly box: Box }[];
}

export type NamedLabels =
  | { readonly kind: "labels"; readonly labels: readonly NamedLabel[] }
  /** Rekognition refused the call for now: the account's rate is used up, or the service is busy. */
  | { readonly kind: "throttled" }
  | { readonly kind: "unreadable"; readonly reason: string }
  /** DetectLabels will never accept an image: no permission, or no DetectLabels in this Region. */
  | { readonly kind: "refused"; readonly reason: string };

/** A face in an image, as SearchUsersByImage describes it. */
export interface FoundFace {
  /** That it is a face, 0 to 100; null if it is not said. */
  readonly confidence: number | null;
  /** In shares of the image, from -1 to 2: a box may reach beyond it (documented: BoundingBox). */
  readonly box: Box;
  readonly pitch?: number | undefined;
  readonly roll?: number | undefined;
  readonly yaw?: number | undefined;
  readonly brightness?: number | undefined;
  readonly sharpness?: number | undefined;
  /** Why it was not searched, by Rekognition's name; absent if it was. */
  readonly unsearchedReason?: string;
  /** Enrolled persons who are similar enough, the most similar first. */
  readonly matches: readonly { readonly personId: string; readonly similarity: number }[];
}

export type FoundFaces =
  /** The largest face that could be searched, if any, and those that were not searched. */
  | { readonly kind: "faces"; readonly faces: readonly FoundFace[] }
  | { readonly kind: "throttled" }
  | { readonly kind: "unreadable"; readonly reason: string }
  /** SearchUsersByImage will never accept an image: no collection, no permission, or no such call in this Region. */
  | { readonly kind: "refused"; readonly reason: string };
