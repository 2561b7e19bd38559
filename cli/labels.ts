import { readFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { errorMessage } from "../base/errors.ts";
import type { ClientConfig } from "../operator/client-config.ts";

/** The ending of a file beside a clip that lists the objects in it, for the local cloud. */
const LABELS_FILE = ".labels.json";

/** The labels file beside a clip, whether it exists or not. */
export const labelsFileOf = (file: string): string =>
  join(dirname(file), `${basename(file, extname(file))}${LABELS_FILE}`);

/** The same for a file that lists the faces in it. */
const FACES_FILE = ".faces.json";

/** Whether a file says what a clip shows, and is no clip. */
export const describesClip = (name: string): boolean =>
  name.endsWith(LABELS_FILE) || name.endsWith(FACES_FILE);

/** What happened to a clip's labels file. */
export interface Labels {
  readonly labelsFile: string;
  /** Undefined when the local cloud uses it. */
  readonly unusedBecause?: string;
}

/**
 * Gives the labels file beside a clip, if there is one, to the local cloud, which then finds the objects that it lists; a faces
 * file as well. AWS detects objects and faces itself.
 * @throws Error that names the file, when it is not JSON or the local cloud refuses its content
 */
export async function shareLabels(file: string, config: ClientConfig): Promise<Labels | undefined> {
  await share(file, "faces", config);
  return await share(file, "labels", config);
}

async function share(
  file: string,
  kind: "labels" | "faces",
  config: ClientConfig,
): Promise<Labels | undefined> {
  const path = join(dirname(file), `${basename(file, extname(file))}.${kind}.json`);
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const labelsFile = basename(path);
  const endpoint = config.endpoint ?? process.env["AWS_ENDPOINT_URL"];
  const isLocal = /^(localhost|127\.0\.0\.1|\[::1\])$/.test(URL.parse(endpoint ?? "")?.hostname ?? "");
  if (!isLocal) return { labelsFile, unusedBecause: "it is for the local cloud; AWS detects objects itself" };
  const response = await fetch(new URL(`/_doorstep/rekognition/${kind}`, endpoint), {
    method: "POST",
    body: JSON.stringify({ clip: basename(file), [kind]: parse(text, path) }),
  }).catch((error: unknown) => errorMessage(error));
  if (typeof response === "string")
    return { labelsFile, unusedBecause: `the local cloud cannot be reached: ${response}` };
  const body = await response.text();
  if (response.ok) return { labelsFile };
  if (response.status === 404)
    return { labelsFile, unusedBecause: "this local cloud has no detection of objects" };
  throw new Error(`${path} is not a ${kind} file: ${messageIn(body)}`);
}

/** A line about it. */
export const labelsLine = ({ labelsFile, unusedBecause }: Labels): string =>
  unusedBecause === undefined
    ? `  labels  ${labelsFile}: the local cloud finds what it lists`
    : `  labels  ${labelsFile} is not used: ${unusedBecause}`;

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${path} is not JSON: ${errorMessage(error)}`, { cause: error });
  }
}

function messageIn(body: string): string {
  try {
    const { message, Message } = JSON.parse(body) as { message?: string; Message?: string };
    return message ?? Message ?? body;
  } catch {
    return body.slice(0, 200);
  }
}
