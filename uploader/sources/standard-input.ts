import type { Readable } from "node:stream";
import { openLive } from "./live.ts";
import type { VideoSource } from "./source.ts";

/**
 * Opens video that another program pipes in. The pipe blocks while the stream accepts no more, so nothing is lost.
 * @throws SourceError UNSUITABLE or CORRUPT
 */
export function openStandardInput(input: Readable): Promise<VideoSource> {
  return openLive({
    name: "standard input",
    stream: input as AsyncIterable<Uint8Array>,
    whenFull: "wait",
    onClose: () => void input.destroy(),
  });
}
