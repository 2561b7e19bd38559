import type { Readable } from "node:stream";
import { GetObjectCommand, type GetObjectCommandOutput } from "@aws-sdk/client-s3";
import { isNamed } from "../base/errors.ts";
import { objectAt } from "../operator/objects.ts";
import { EVIDENCE_PREFIX } from "../schemas/images.ts";
import type { ConsoleCloud } from "./cloud.ts";
import type { Handlers } from "./handlers.ts";
import { ConsoleProblem } from "./problem.ts";

/** Larger than any frame; the evidence bucket may hold other objects. */
const MAX_BYTES = 20_000_000;

/** The address of a picture on this server; undefined for one that is not in the stack's evidence. */
export function pictureUrl(uri: string | undefined, evidenceBucket: string): string | undefined {
  const place = uri === undefined ? undefined : objectAt(uri);
  if (place?.Bucket !== evidenceBucket || !place.Key.startsWith(`${EVIDENCE_PREFIX}/`)) return undefined;
  const parts = place.Key.slice(EVIDENCE_PREFIX.length + 1).split("/");
  if (parts.some((part) => part === "" || part === "." || part === "..")) return undefined;
  return `/api/pictures/${parts.map(encodeURIComponent).join("/")}`;
}

const GONE = new ConsoleProblem(
  404,
  "the picture is gone",
  "evidence expires after the stack's EvidenceExpiryDays, and is deleted with a person who is forgotten",
);

export const pictureHandlers = ({ s3, outputs }: ConsoleCloud): Pick<Handlers, "getPicture"> => ({
  async getPicture({ parameters: { key } }, { signal }) {
    const Key = `${EVIDENCE_PREFIX}/${key}`;
    let object: GetObjectCommandOutput;
    try {
      object = await s3.send(new GetObjectCommand({ Bucket: outputs.EvidenceBucketName, Key }), {
        abortSignal: signal,
      });
    } catch (error) {
      if (isNamed(error, "NoSuchKey")) throw GONE;
      throw error;
    }
    const { ContentLength = 0 } = object;
    const stream = object.Body as Readable;
    if (ContentLength > MAX_BYTES) {
      stream.destroy();
      throw new ConsoleProblem(
        413,
        `the picture has ${ContentLength} bytes; the console shows at most ${MAX_BYTES}`,
        `fetch it from s3://${outputs.EvidenceBucketName}/${Key}`,
      );
    }
    return { stream, length: ContentLength };
  },
});
