import { readSegment, type ClusterPart, type HeaderPart, type Tag } from "../../matroska/index.ts";
import { SessionFailure } from "./session-failure.ts";

/** One fragment of the stream as GetMedia returns it. */
export interface Fragment {
  readonly number: string;
  /** Of the fragment's first frame, in epoch ms. */
  readonly producerTimestampMs: number;
  readonly serverTimestampMs: number;
  readonly durationMs: number;
  /** All its tags: Kinesis Video's own and the producer's fragment metadata. */
  readonly metadata: ReadonlyMap<string, string>;
  readonly header: HeaderPart;
  readonly cluster: ClusterPart;
}

/** GetMedia may start a new Segment with each fragment; 120 s of video at 5 fragments per second have at most 600. */
const MAX_SEGMENTS = 10_000;
/** Documented (Rekognition guide, streaming video resources): the input is H.264. */
const H264 = "V_MPEG4/ISO/AVC";

/**
 * The fragments in a GetMedia payload, each as soon as it is complete.
 * Tags before a fragment are its own (documented: GetMedia, AWS_KINESISVIDEO_*; timestamps there are decimal seconds).
 * @throws SessionFailure for an error that Kinesis Video sends in-band, or video that is not H.264
 * @throws MatroskaError for bytes that are not Matroska or end inside an element
 */
export async function* readFragments(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Fragment> {
  let header: HeaderPart | undefined;
  let metadata = new Map<string, string>();
  for await (const part of readSegment(chunks, { maxSegments: MAX_SEGMENTS })) {
    if (part.kind === "header") header = checkVideo(part);
    else if (part.kind === "tags") addTags(metadata, part.tags);
    else if (part.kind === "cluster") {
      yield {
        number:
          metadata.get("AWS_KINESISVIDEO_FRAGMENT_NUMBER") ?? missing("AWS_KINESISVIDEO_FRAGMENT_NUMBER"),
        producerTimestampMs: timestampMs(metadata, "AWS_KINESISVIDEO_PRODUCER_TIMESTAMP"),
        serverTimestampMs: timestampMs(metadata, "AWS_KINESISVIDEO_SERVER_TIMESTAMP"),
        durationMs: part.durationMs,
        metadata,
        header: header!,
        cluster: part,
      };
      metadata = new Map();
    }
  }
}

function checkVideo(header: HeaderPart): HeaderPart {
  const video = header.tracks.find(({ type }) => type === "video");
  if (video?.codecId === H264) return header;
  throw new SessionFailure(
    `The stream has ${video ? `video in codec ${video.codecId}` : "no video track"}; expected H.264 (${H264})`,
  );
}

function addTags(metadata: Map<string, string>, tags: readonly Tag[]): void {
  for (const { name, value } of tags) metadata.set(name, value);
  const code = metadata.get("AWS_KINESISVIDEO_ERROR_CODE") ?? metadata.get("AWS_KINESISVIDEO_ERROR_ID");
  if (code) throw new SessionFailure(`Kinesis Video ended the stream with error ${code}`);
}

function timestampMs(metadata: ReadonlyMap<string, string>, name: string): number {
  const seconds = Number(metadata.get(name) ?? missing(name));
  if (!Number.isFinite(seconds))
    throw new SessionFailure(`The fragment's tag ${name} is ${metadata.get(name)}; expected decimal seconds`);
  return Math.round(seconds * 1000);
}

function missing(name: string): never {
  throw new SessionFailure(`A fragment of the stream is missing the tag ${name}`);
}
