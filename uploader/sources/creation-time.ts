import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import type { Input } from "mediabunny";
import { EARLIEST_PLAUSIBLE_MS } from "../start-time.ts";

/** MP4 and MOV count seconds from 1904 (ISO/IEC 14496-12, Movie Header Box). */
const MP4_EPOCH_MS = Date.UTC(1904, 0);
/** The most boxes that are read to find one. */
const MAX_BOXES = 10_000;

/**
 * Reads the recording time of a file, epoch milliseconds: the movie header's creation time in MP4 and MOV, else the date
 * among its tags. Undefined when there is no plausible one.
 */
export async function creationTimeMs(file: string, input: Input): Promise<number | undefined> {
  const foundMs = (await movieCreationMs(file)) ?? (await input.getMetadataTags()).date?.getTime();
  const isPlausible = foundMs !== undefined && foundMs >= EARLIEST_PLAUSIBLE_MS;
  return isPlausible ? foundMs : undefined;
}

async function movieCreationMs(file: string): Promise<number | undefined> {
  await using handle = await open(file);
  const { size } = await handle.stat();
  const movie = await findBox(handle, "moov", { start: 0, end: size });
  const header = movie && (await findBox(handle, "mvhd", movie));
  if (!header || header.end - header.start < 12) return undefined;
  const fields = Buffer.alloc(12);
  await handle.read(fields, 0, 12, header.start);
  const seconds = fields.readUInt8(0) === 1 ? Number(fields.readBigUInt64BE(4)) : fields.readUInt32BE(4);
  return MP4_EPOCH_MS + seconds * 1000;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** The position of the content of the first box of that type, directly within the span. */
async function findBox(handle: FileHandle, type: string, within: Span): Promise<Span | undefined> {
  const head = Buffer.alloc(16);
  let { start } = within;
  for (let boxes = 0; boxes < MAX_BOXES && start + 8 <= within.end; boxes++) {
    await handle.read(head, 0, 16, start);
    const size = head.readUInt32BE(0);
    const headBytes = size === 1 ? 16 : 8;
    const sizeBytes = size === 1 ? Number(head.readBigUInt64BE(8)) : size || within.end - start;
    if (sizeBytes < headBytes) return undefined;
    const end = Math.min(within.end, start + sizeBytes);
    if (head.toString("latin1", 4, 8) === type) return { start: start + headBytes, end };
    start = end;
  }
  return undefined;
}
