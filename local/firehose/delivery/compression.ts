import { gzipSync } from "node:zlib";
import { zipSync } from "fflate";
import type { Compression } from "../settings/settings.ts";

/** A compressed object, with what its key and headers need. */
export interface Compressed {
  readonly body: Uint8Array;
  readonly extension: string;
  readonly contentEncoding: string | undefined;
}

/**
 * Compresses an object. Extensions and encodings are those of AWS (observed). A ZIP has one deflated entry.
 * @param entryName name of the ZIP's entry
 */
export function compress(body: Uint8Array, compression: Compression, entryName: string): Compressed {
  switch (compression) {
    case "UNCOMPRESSED":
      return { body, extension: "", contentEncoding: undefined };
    case "GZIP":
      return { body: gzipSync(body), extension: ".gz", contentEncoding: "gzip" };
    case "ZIP":
      return { body: zipSync({ [entryName]: body }), extension: ".zip", contentEncoding: "zip" };
  }
}
