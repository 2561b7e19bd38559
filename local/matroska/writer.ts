import { concatBytes, element, elementId, openElement, textElement, unsignedElement } from "./ebml.ts";
import type { Tag } from "./header.ts";

/**
 * A complete Matroska file of a stream's header and some of its clusters, with the times of the stream. Its Segment is of
 * unknown size, so clusters can be appended.
 */
export function playableFile(
  header: { bytes: Uint8Array },
  clusters: readonly { bytes: Uint8Array }[],
): Uint8Array {
  return concatBytes([header.bytes, ...clusters.map((cluster) => cluster.bytes)]);
}

/** A Tags element with these names and values, each as a tag of the whole segment. */
export function tagsElement(tags: readonly Tag[]): Uint8Array {
  const simpleTags = tags.map(({ name, value }) =>
    element(
      elementId.simpleTag,
      textElement(elementId.tagName, name),
      textElement(elementId.tagString, value),
    ),
  );
  return element(elementId.tags, element(elementId.tag, element(elementId.targets), ...simpleTags));
}

/** The EBML header of a Matroska file and the start of a Segment of unknown size. Info and Tracks come next. */
export function segmentStart(): Uint8Array {
  const ebml = element(
    elementId.ebml,
    unsignedElement(0x4286, 1), // EBMLVersion
    unsignedElement(0x42f7, 1), // EBMLReadVersion
    unsignedElement(0x42f2, 4), // EBMLMaxIDLength
    unsignedElement(0x42f3, 8), // EBMLMaxSizeLength
    textElement(0x4282, "matroska"), // DocType
    unsignedElement(0x4287, 4), // DocTypeVersion
    unsignedElement(0x4285, 2), // DocTypeReadVersion
  );
  return concatBytes([ebml, openElement(elementId.segment)]);
}
