import { encodeFragment, type Timing } from "../../uploader/encode.ts";
import type { VideoSource } from "../../uploader/sources/source.ts";

/** A whole source as one connection sends it: the header, then each fragment. */
export async function* matroskaOf(source: VideoSource, timing: Timing): AsyncGenerator<Uint8Array> {
  let header: Uint8Array | undefined;
  for await (const fragment of source.fragments(0)) {
    if (!header) yield (header = fragment.header);
    yield* encodeFragment(source.name, timing, fragment);
  }
}
