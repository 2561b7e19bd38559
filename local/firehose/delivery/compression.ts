import { promisify } from "node:util";
import { constants, gzip } from "node:zlib";
import { zipSync } from "fflate";
import type { Compression } from "../settings/settings.ts";

/** A compressed object, with what its key and headers need. */
export interface Compressed {
  readonly body: Uint8Array;
  readonly extension: string;
  readonly contentEncoding: string | undefined;
}

/** Backups are rarely read here: the fastest level takes less than half of the default's time, for a tenth more bytes. */
const LEVEL = constants.Z_BEST_SPEED;

/**
 * Compresses an object. Extensions and encodings are those of AWS (observed). A ZIP has one deflated entry.
 * @param entryName name of the ZIP's entry
 */
export async function compress(
  body: Uint8Array,
  compression: Compression,
  entryName: string,
): Promise<Compressed> {
  switch (compression) {
    case "UNCOMPRESSED":
      return { body, extension: "", contentEncoding: undefined };
    case "GZIP":
      return {
        body: await promisify(gzip)(body, { level: LEVEL }),
        extension: ".gz",
        contentEncoding: "gzip",
      };
    case "ZIP":
      return { body: zipSync({ [entryName]: body }), extension: ".zip", contentEncoding: "zip" };
  }
}
