import { createHash } from "node:crypto";
import * as v from "valibot";
import { gunzip, gzip } from "../../base/compression.ts";

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);

/** An object of the error output after lines were removed. */
interface RewrittenErrors {
  /** Undefined if no line is left. */
  readonly bytes: Buffer | undefined;
  /** Lines that were removed, by the person that they name; one that names several is counted for the first. */
  readonly removed: ReadonlyMap<string, number>;
}

/**
 * Removes the lines of an error object that name a person, in the line itself or in its record. GZIP stays GZIP.
 * @returns undefined if there is none
 */
export function removeErrorLines(bytes: Uint8Array, ids: ReadonlySet<string>): RewrittenErrors | undefined {
  const object = Buffer.from(bytes);
  const isGzip = object.subarray(0, GZIP_MAGIC.length).equals(GZIP_MAGIC);
  const lines = (isGzip ? gunzip(object) : object).toString("utf8").split("\n");
  const removed = new Map<string, number>();
  const kept = lines.filter((line) => {
    const text = `${line}\n${recordOf(line)}`;
    const id = [...ids].find((one) => text.includes(one));
    if (id !== undefined) removed.set(id, (removed.get(id) ?? 0) + 1);
    return id === undefined;
  });
  if (removed.size === 0) return undefined;
  const rest = Buffer.from(kept.join("\n"));
  const isEmpty = kept.every((line) => line.trim() === "");
  return { bytes: isEmpty ? undefined : isGzip ? gzip(rest) : rest, removed };
}

/** Firehose keeps the record in base64 (documented: Firehose guide, "Data transformation failure handling"). */
const errorLine = v.pipe(v.string(), v.parseJson(), v.object({ rawData: v.string() }));

function recordOf(line: string): string {
  const read = v.safeParse(errorLine, line);
  return read.success ? Buffer.from(read.output.rawData, "base64").toString("utf8") : "";
}

/**
 * Where the rest of an error object goes: its key and a digest of the content, so that a repetition replaces it.
 * `doorstep redrive` knows the object's origin by that form.
 */
export function rewrittenErrorKey(key: string, bytes: Uint8Array): string {
  const origin = key.replace(/\.[0-9a-f]{12}$/, "");
  const digest = createHash("sha256").update(key).update("\0").update(bytes).digest("hex");
  return `${origin}.${digest.slice(0, 12)}`;
}
