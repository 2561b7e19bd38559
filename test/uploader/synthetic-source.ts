import { Losses } from "../../uploader/sources/losses.ts";
import type { SourceFragment, VideoSource } from "../../uploader/sources/source.ts";

const header = Buffer.from(
  // EBML header, an open Segment, Info with the timecode scale, one video track.
  "1a45dfa38018538067" +
    "01ffffffffffffff" +
    "1549a96687" +
    "2ad7b1830f4240" +
    "1654ae6b8b" +
    "ae89d7810183810186" +
    "8141",
  "hex",
);

interface SyntheticSource extends VideoSource {
  /** The first fragment of each reading. */
  readonly readings: number[];
  released: number;
}

/** A source of tiny fragments of one second each, without a file. */
export function syntheticSource(
  count: number,
  options: Partial<VideoSource> & { failAt?: number; fragmentBytes?: number } = {},
): SyntheticSource {
  const { failAt = Infinity, fragmentBytes = 3, ...rest } = options;
  const readings: number[] = [];
  const source: SyntheticSource = {
    name: "synthetic",
    videoCodec: "avc",
    width: 64,
    height: 64,
    recordedAtMs: undefined,
    plan: { fragments: count, durationMs: count * 1000, sizeBytes: count * fragmentBytes },
    losses: new Losses(),
    readings,
    released: 0,
    async *fragments(from, signal) {
      readings.push(from);
      for (let index = from; index < count && !signal?.aborted; index++) {
        if (index === failAt) throw new Error("the disk is gone");
        yield syntheticFragment(index, fragmentBytes);
      }
    },
    release: (below) => void (source.released = below),
    close: async () => {},
    ...rest,
  };
  return source;
}

export function syntheticFragment(index: number, sizeBytes = 3): SourceFragment {
  const [startMs, endMs] = [index * 1000, (index + 1) * 1000];
  const frames = [{ trackNumber: 1, atMs: startMs, keyframe: true, data: new Uint8Array(sizeBytes) }];
  return { index, header, startMs, endMs, frames, sizeBytes };
}
