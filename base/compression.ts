import * as zlib from "node:zlib";

export const gunzip = (bytes: Uint8Array): Buffer => zlib.gunzipSync(bytes);

export const gzip = (bytes: Uint8Array): Buffer => zlib.gzipSync(bytes);

/** @throws Error that names a Node that has no Zstandard */
export function unzstd(bytes: Uint8Array): Buffer {
  if (typeof zlib.zstdDecompressSync !== "function")
    throw new Error(`Node ${process.version} has no Zstandard; use Node 22.15 or newer`);
  return zlib.zstdDecompressSync(bytes);
}
