export type { Block } from "./cluster.ts";
export { MatroskaError } from "./ebml.ts";
export type { MatroskaErrorReason } from "./ebml.ts";
export type { Tag, Track } from "./header.ts";
export { readSegment } from "./reader.ts";
export type {
  ClusterPart,
  ClusterStartPart,
  HeaderPart,
  ReadLimits,
  SegmentPart,
  TagsPart,
} from "./reader.ts";
export { playableFile, segmentStart, tagsElement } from "./writer.ts";
