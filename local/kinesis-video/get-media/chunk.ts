import { segmentStart, tagsElement, type Tag } from "../../matroska/index.ts";
import type { Fragment, Media } from "../fragments/fragment.ts";

/*
 * The payload is a sequence of chunks, each a complete Matroska document: EBML header, open Segment, Info, Tracks, the
 * producer's metadata, tags about the fragment, its Cluster (observed in public captures of GetMedia).
 */

/** Seconds with three decimals (observed: `1510552593.455`). */
const seconds = (atMs: number): string => (atMs / 1000).toFixed(3);

/** A chunk of GetMedia; the tags with the reader's position follow the Cluster (observed). */
export const getMediaChunk = (
  fragment: Fragment,
  media: Media,
  newestServerTimestampMs: number,
): Uint8Array[] => [
  ...leadingParts(fragment, media, [
    { name: "AWS_KINESISVIDEO_FRAGMENT_NUMBER", value: fragment.number },
    { name: "AWS_KINESISVIDEO_SERVER_TIMESTAMP", value: seconds(fragment.serverTimestampMs) },
    { name: "AWS_KINESISVIDEO_PRODUCER_TIMESTAMP", value: seconds(fragment.producerTimestampMs) },
  ]),
  tagsElement([
    {
      name: "AWS_KINESISVIDEO_MILLIS_BEHIND_NOW",
      value: String(Math.max(0, newestServerTimestampMs - fragment.serverTimestampMs)),
    },
    { name: "AWS_KINESISVIDEO_CONTINUATION_TOKEN", value: fragment.number },
  ]),
];

/** A chunk of GetMediaForFragmentList, whose tags have other names (documented). */
export const fragmentListChunk = (fragment: Fragment, media: Media): Uint8Array[] =>
  leadingParts(fragment, media, [
    { name: "AWS_KINESISVIDEO_FRAGMENT_NUMBER", value: fragment.number },
    { name: "AWS_KINESISVIDEO_SERVER_SIDE_TIMESTAMP", value: seconds(fragment.serverTimestampMs) },
    { name: "AWS_KINESISVIDEO_PRODUCER_SIDE_TIMESTAMP", value: seconds(fragment.producerTimestampMs) },
  ]);

/** The in-band error for a fragment that does not exist (documented: GetMedia, 4000; the text is unconfirmed). */
export const getMediaErrorChunk = (): Uint8Array[] => [
  segmentStart(),
  tagsElement([
    { name: "AWS_KINESISVIDEO_ERROR_CODE", value: "FRAGMENT_NOT_FOUND" },
    { name: "AWS_KINESISVIDEO_ERROR_ID", value: "4000" },
  ]),
];

/** The same for GetMediaForFragmentList (its tags are documented; that its code is 4000, too, is unconfirmed). */
export const fragmentListErrorChunk = (number: string): Uint8Array[] => [
  segmentStart(),
  tagsElement([
    { name: "AWS_KINESISVIDEO_FRAGMENT_NUMBER", value: number },
    { name: "AWS_KINESISVIDEO_EXCEPTION_ERROR_CODE", value: "4000" },
    { name: "AWS_KINESISVIDEO_EXCEPTION_MESSAGE", value: "Requested fragment is not found" },
  ]),
];

const leadingParts = (
  { tags }: Fragment,
  { header, cluster }: Media,
  fragmentTags: readonly Tag[],
): Uint8Array[] => [
  header,
  ...(tags.length > 0 ? [tagsElement(tags)] : []),
  tagsElement(fragmentTags),
  cluster,
];
