export { checkSegment } from "./check.ts";
export type { Block } from "./cluster.ts";
export { MatroskaError } from "./ebml.ts";
export { timecodeMs, type Tag, type Track } from "./header.ts";
export { readSegment, type ClusterPart, type HeaderPart, type SegmentPart } from "./reader.ts";
export { playableFile, segmentStart, tagsElement } from "./writer.ts";
