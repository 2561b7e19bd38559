import type { Readable } from "node:stream";
import { openLive } from "./live.ts";
import type { VideoSource } from "./source.ts";

/**
 * Video that another program pipes in. It is held up while the stream takes no more, so nothing is lost.
 * @throws SourceError UNSUITABLE or CORRUPT
 */
export function openStandardInput(input: Readable): Promise<VideoSource> {
  return openLive({
    name: "standard input",
    stream: ReadableStream.from(input) as ReadableStream<Uint8Array>,
    whenFull: "wait",
  });
}
