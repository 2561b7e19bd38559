import { readFile } from "node:fs/promises";
import { join, parse } from "node:path";
import { errorMessage } from "../../../base/errors.ts";

/** Fragment metadata: the file name of the clip that the fragment came from, e.g. `porch.mp4`. */
const CLIP_TAG = "doorstep.clip";
/** Fragment metadata: the producer time of that clip's first frame, in epoch ms. */
const CLIP_START_TAG = "doorstep.clip-start-ms";

/** Separators of paths, and the zero byte, which ends a path early. */
const NOT_IN_NAMES = ["/", "\\", "\0"];

const MAX_FILE_BYTES = 8 * 1024 * 1024;

/** A kind of file beside a clip, `<clip without extension>.<suffix>.json`, that says what the clip shows. */
export interface ClipFileKind<Content> {
  readonly suffix: "labels" | "faces";
  /** @throws Error that names the file, the member and the expected value */
  readonly check: (document: unknown, file: string) => Content;
}

/** The file of a clip; undefined unless `clip` is a plain file name. */
export function clipFileName(
  { suffix }: Pick<ClipFileKind<unknown>, "suffix">,
  clip: string,
): string | undefined {
  const { name } = parse(clip);
  if (NOT_IN_NAMES.some((one) => clip.includes(one))) return undefined;
  if (!name || name === "." || name === "..") return undefined;
  return `${name}.${suffix}.json`;
}

/** @throws Error that names the file, the member and the expected value */
export function parseClipFile<Content>(kind: ClipFileKind<Content>, json: string, file: string): Content {
  let document: unknown;
  try {
    document = JSON.parse(json);
  } catch (error) {
    throw new Error(`${file} is not JSON: ${errorMessage(error)}`, { cause: error });
  }
  return kind.check(document, file);
}

/**
 * The content of the file of the clip that fragment metadata names, as stored or from one of the folders, and the producer time
 * of the clip's first frame in epoch ms; undefined when it names no clip, no such file exists, or the name is a path,
 * which might lead out of the folder.
 * @throws Error for an invalid file
 */
export async function findClipFile<Content>(
  kind: ClipFileKind<Content>,
  metadata: ReadonlyMap<string, string>,
  clipFolders: readonly string[],
  stored: (file: string) => Content | undefined,
): Promise<{ content: Content; startMs: number } | undefined> {
  const file = clipFileName(kind, metadata.get(CLIP_TAG) ?? "");
  const startMs = Number(metadata.get(CLIP_START_TAG) || NaN);
  if (!file || !Number.isFinite(startMs)) return undefined;
  const given = stored(file);
  if (given) return { content: given, startMs };
  for (const folder of clipFolders) {
    const json = await readIfPresent(join(folder, file));
    if (json !== undefined) return { content: parseClipFile(kind, json, file), startMs };
  }
  return undefined;
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    const bytes = await readFile(path);
    if (bytes.length > MAX_FILE_BYTES)
      throw new Error(`${path} has ${bytes.length} bytes; at most ${MAX_FILE_BYTES}`);
    return bytes.toString("utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
