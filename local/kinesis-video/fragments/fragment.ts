import { createHash } from "node:crypto";
import type { Tag } from "../../matroska/index.ts";

/** What is stored about a fragment beside its media. */
export interface Fragment {
  readonly number: string;
  /** When the producer started to record it. */
  readonly producerTimestampMs: number;
  /** When its first byte arrived (documented: PutMedia). */
  readonly serverTimestampMs: number;
  readonly lengthMs: number;
  /** Matroska header and cluster. */
  readonly sizeBytes: number;
  /** SHA-256 of its Matroska header, which the fragments of one connection share. */
  readonly headerHash: string;
  /** The producer's metadata. */
  readonly tags: readonly Tag[];
}

/** A fragment's Matroska: EBML header up to Tracks, and one cluster. Together they are a playable file. */
export interface Media {
  readonly header: Uint8Array;
  readonly cluster: Uint8Array;
}

export const hashHeader = (header: Uint8Array): string => createHash("sha256").update(header).digest("hex");
