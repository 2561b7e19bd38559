import { readSegment, type ClusterPart, type HeaderPart } from "../../matroska/index.ts";
import { invalidMediaFrame } from "../errors.ts";
import type { Media } from "../fragments/fragment.ts";

/** The parsed Matroska of a fragment. */
export interface ParsedMedia {
  readonly header: HeaderPart;
  readonly cluster: ClusterPart;
}

export async function parseMedia(media: Media): Promise<ParsedMedia> {
  let header: HeaderPart | undefined;
  for await (const part of readSegment(chunksOf(media)))
    if (part.kind === "header") header = part;
    else if (part.kind === "cluster") return { header: header!, cluster: part };
  throw invalidMediaFrame("The fragment has no media.");
}

async function* chunksOf({ header, cluster }: Media): AsyncGenerator<Uint8Array> {
  yield header;
  yield cluster;
}
