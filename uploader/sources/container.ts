import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { boxOf, STEP_BYTES, stepsOf, type ReadStep } from "./file-starts.ts";
import { transportAudio } from "./transport-audio.ts";
import { SourceError } from "./source.ts";

/** A range of bytes of a file: `end` is exclusive. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** The files that stand in one file: one, or several one behind the other, as `cat` and GetMedia leave them. */
export interface Container {
  readonly files: readonly Span[];
  /** Bytes that belong to none of them: an incomplete end, or something else. */
  readonly rest?: Span & { readonly reason: string };
  /** Whether it ends inside a Matroska cluster, of which the complete frames can be read. */
  readonly isCut?: boolean;
  /** Why the audio of a transport stream cannot be read, if it cannot. */
  readonly unreadAudio?: string;
}

/**
 * Reads the outline of a file: where its parts begin and end, and whether it is whole.
 * @throws SourceError for a file that is empty, truncated or lacks its index
 */
export async function readContainer(file: string): Promise<Container> {
  await using handle = await open(file);
  const { size } = await handle.stat();
  if (size === 0) throw new SourceError("UNSUITABLE", "the file is empty");
  const bytes = new FileBytes(handle, size);
  const head = await bytes.at(0, STEP_BYTES);
  const steps = stepsOf(head);
  if (steps) return await (isMatroska(head) ? readMatroska(bytes, steps) : readMp4(bytes));
  const whole = { files: [{ start: 0, end: size }] };
  if (head[0] !== SYNC_BYTE) return whole;
  const unreadAudio = transportAudio(await bytes.at(0, TABLE_SEARCH_BYTES));
  return unreadAudio === undefined ? whole : { ...whole, unreadAudio };
}

const isMatroska = (head: Buffer): boolean => head[0] === 0x1a;
const SYNC_BYTE = 0x47;
/** A transport stream repeats its tables every 100 ms (documented: ETSI TR 101 290). */
const TABLE_SEARCH_BYTES = 1_000_000;

/** Reads a file here and there, through one window. */
class FileBytes {
  readonly size: number;
  readonly #handle: FileHandle;
  #window = Buffer.alloc(0);
  #windowAt = 0;

  constructor(handle: FileHandle, size: number) {
    this.#handle = handle;
    this.size = size;
  }

  /** At most that many bytes; fewer at the end of the file. */
  async at(position: number, length: number): Promise<Buffer> {
    const end = Math.min(this.size, position + length);
    const isIn = position >= this.#windowAt && end <= this.#windowAt + this.#window.length;
    if (!isIn) {
      const window = Buffer.allocUnsafe(Math.max(WINDOW_BYTES, length));
      const { bytesRead } = await this.#handle.read(window, 0, window.length, position);
      [this.#window, this.#windowAt] = [window.subarray(0, bytesRead), position];
    }
    const from = position - this.#windowAt;
    return this.#window.subarray(from, Math.max(from, end - this.#windowAt));
  }
}

const WINDOW_BYTES = 16_384;

interface Box extends Span {
  readonly type: string;
  /** Where its content begins. */
  readonly content: number;
}

/** The box at that position; undefined for what is none. Its end may be beyond the file's. */
async function boxAt(bytes: FileBytes, start: number, end: number): Promise<Box | undefined> {
  const box = boxOf(await bytes.at(start, STEP_BYTES));
  if (!box || box === "more") return undefined;
  const endAt = box.bytes === Infinity ? end : start + box.bytes;
  return { type: box.name, start, content: start + box.contentAt, end: endAt };
}

async function readMp4(bytes: FileBytes): Promise<Container> {
  const { size } = bytes;
  const files: { start: number; end: number; boxes: Box[] }[] = [];
  let rest: Container["rest"];
  /** Why the file counts as truncated: it ends inside a box. */
  let cut: string | undefined;
  for (let start = 0; start < size;) {
    const box = await boxAt(bytes, start, size);
    const current = files.at(-1);
    if (!box || box.end > size) {
      cut = box && truncated(box, size);
      rest = { start, end: size, reason: cut ?? "they are not part of the MP4" };
      // An incomplete fragment of a fragmented file; what is before it is whole.
      const last = current?.boxes.at(-1);
      if (box?.type === "mdat" && last?.type === "moof") rest = { ...rest, start: last.start };
      break;
    }
    if (!current || (box.type === "ftyp" && current.boxes.some(({ type }) => /^(moov|mdat)$/.test(type))))
      files.push({ start, end: box.end, boxes: [box] });
    else {
      current.boxes.push(box);
      current.end = box.end;
    }
    start = box.end;
  }
  const whole = files.filter(({ boxes }) => boxes.some(({ type }) => type === "moov"));
  const isFragmented = whole.at(-1)?.boxes.some(({ type }) => type === "moof");
  if (cut !== undefined && !isFragmented) throw new SourceError("CORRUPT", `it is truncated: ${cut}`);
  if (whole.length === 0)
    throw new SourceError(
      "CORRUPT",
      "it has no index (moov), which a recorder writes last: its recording was not finished",
    );
  for (const { boxes } of whole)
    for (const { type, content, end } of boxes)
      if (type === "moov") await checkDescriptions(bytes, { start: content, end });
  const unfinished = files.find((one) => !whole.includes(one));
  if (unfinished) {
    const { start, end } = unfinished;
    rest ??= { start, end, reason: "they have no index (moov)" };
  }
  const spans = whole.map(({ start, end }) => ({ start, end: Math.min(end, rest?.start ?? end) }));
  return { files: spans, ...(rest && { rest }) };
}

const truncated = ({ type, start, end }: Box, size: number): string =>
  `it ends inside its box ${type}, ${size - start} of ${end - start} bytes`;

/** @throws SourceError for video with several sample descriptions: they cannot be assigned to their frames */
async function checkDescriptions(bytes: FileBytes, movie: Span): Promise<void> {
  for await (const track of boxesIn(bytes, movie, ["trak"]))
    for await (const description of boxesIn(bytes, track, ["mdia", "minf", "stbl", "stsd"])) {
      const entries: Buffer[] = [];
      for await (const entry of boxesIn(bytes, { start: description.start + 8, end: description.end }, [])) {
        if (!/^(avc[1-4]|hvc1|hev1)$/.test(entry.type)) continue;
        entries.push(Buffer.from(await bytes.at(entry.start, entry.end - entry.start)));
      }
      const [first, ...others] = entries;
      if (first && others.some((other) => !other.equals(first)))
        throw new SourceError(
          "UNSUITABLE",
          `its video changes its coding parameters (${entries.length} sample descriptions), as where recordings of ` +
            `different sizes were joined; encode it again, or upload the recordings one by one`,
        );
    }
}

/** The contents of the boxes on that path; without a path, all boxes in the span. */
async function* boxesIn(
  bytes: FileBytes,
  within: Span,
  [type, ...path]: readonly string[],
): AsyncGenerator<Span & { type: string }> {
  for (let { start } = within; start < within.end;) {
    const box = await boxAt(bytes, start, within.end);
    if (!box || box.end > within.end) return;
    const content = { type: box.type, start: box.content, end: box.end };
    if (type === undefined) yield content;
    else if (box.type === type && path.length === 0) yield content;
    else if (box.type === type) yield* boxesIn(bytes, content, path);
    start = box.end;
  }
}

async function readMatroska(bytes: FileBytes, stepAt: ReadStep): Promise<Container> {
  const { size } = bytes;
  const starts: number[] = [];
  let start = 0;
  let [isBroken, isInCluster] = [false, false];
  while (start < size && !isBroken) {
    const found = stepAt(await bytes.at(start, STEP_BYTES));
    const step = found === "more" ? undefined : found;
    if (step?.isStart) starts.push(start);
    isBroken = !step || start + step.bytes > size;
    isInCluster = step?.name === "Cluster";
    if (!isBroken) start += step!.bytes;
  }
  const isCut = isBroken && isInCluster;
  const endAt = isBroken && !isCut && start > (starts.at(-1) ?? 0) ? start : size;
  const files = starts.map((from, at) => ({ start: from, end: starts[at + 1] ?? endAt }));
  if (files.length === 0) return { files: [{ start: 0, end: size }] };
  const reason = "the file ends inside an element, or goes on with something else";
  return { files, ...(isCut && { isCut }), ...(endAt < size && { rest: { start, end: size, reason } }) };
}
