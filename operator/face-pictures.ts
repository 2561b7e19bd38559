import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";
import type { Image } from "@aws-sdk/client-rekognition";
import { isNamed } from "../base/errors.ts";
import type { ClientConfig } from "./client-config.ts";

/** Documented (Rekognition quotas): the most bytes of an image in a request, and of one in S3. */
const MAX_BYTES = 5 * 1024 * 1024;
const MAX_OBJECT_BYTES = 15 * 1024 * 1024;

/** An image for Rekognition, or why there is none. */
export type PictureImage =
  { readonly kind: "image"; readonly image: Image } | { readonly kind: "unusable"; readonly reason: string };

/** A picture that somebody gives; only Rekognition gets it. */
export interface Picture {
  /** Below the folder or prefix, with `/` between folders. */
  readonly path: string;
  read(): Promise<PictureImage>;
}

const unusable = (reason: string): PictureImage => ({ kind: "unusable", reason });

const isHidden = (path: string): boolean =>
  path.split("/").some((part) => part.startsWith(".") || part === "Thumbs.db" || part === "desktop.ini");

const byPath = (a: Picture, b: Picture): number => (a.path < b.path ? -1 : 1);

/** The files of a folder and the folders in it, without hidden ones. @throws Error when there is no such folder */
export async function folderPictures(folder: string): Promise<Picture[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") throw new Error(`there is no folder ${folder}`);
      if (error.code === "ENOTDIR") throw new Error(`${folder} is a file; expected a folder of pictures`);
      throw error;
    },
  );
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ path: relative(folder, file).split(sep).join("/"), read: () => readPicture(file) }))
    .filter(({ path }) => !isHidden(path))
    .toSorted(byPath);
}

/** Reads one file as a picture. */
export async function readPicture(file: string): Promise<PictureImage> {
  try {
    const found = await stat(file);
    if (!found.isFile()) return unusable("it is not a file");
    if (found.size > MAX_BYTES) return unusable(tooLarge(found.size, MAX_BYTES));
    const Bytes = await readFile(file);
    return isJpegOrPng(Bytes) ? { kind: "image", image: { Bytes } } : unusable(NO_IMAGE);
  } catch (error) {
    return unusable(
      `it cannot be read: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`,
    );
  }
}

/** What is said of a file that Rekognition cannot read. */
export const NO_IMAGE = "it is not a JPEG or PNG image";

const tooLarge = (bytes: number, most: number): string =>
  `it is too large: ${(bytes / 1024 / 1024).toFixed(1)} MB; Rekognition takes at most ${most / 1024 / 1024} MB`;

/** By the first bytes: what a file is called says nothing. */
const isJpegOrPng = (bytes: Buffer): boolean =>
  bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff])) ||
  bytes.subarray(0, 4).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47]));

/** `s3://bucket` or `s3://bucket/prefix`; undefined for any other text. */
export function bucketAt(uri: string): { readonly Bucket: string; readonly Prefix: string } | undefined {
  const [, Bucket, Prefix = ""] = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(uri) ?? [];
  if (Bucket === undefined) return undefined;
  return { Bucket, Prefix: Prefix === "" || Prefix.endsWith("/") ? Prefix : `${Prefix}/` };
}

/** The objects under a prefix. Rekognition reads them itself, so the bucket has to be in its Region. */
export async function bucketPictures(
  { Bucket, Prefix }: { readonly Bucket: string; readonly Prefix: string },
  config: ClientConfig,
): Promise<Picture[]> {
  const client = new S3Client({ ...config, forcePathStyle: true });
  const pictures: Picture[] = [];
  try {
    for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket, Prefix }))
      for (const { Key = "", Size = 0 } of Contents) {
        const path = Key.slice(Prefix.length);
        if (path === "" || path.endsWith("/") || isHidden(path)) continue;
        pictures.push({ path, read: async () => objectImage(Bucket, Key, Size) });
      }
    return pictures.toSorted(byPath);
  } catch (error) {
    if (isNamed(error, "NoSuchBucket")) throw new Error(`there is no bucket ${Bucket}`, { cause: error });
    throw error;
  } finally {
    client.destroy();
  }
}

const objectImage = (Bucket: string, Name: string, bytes: number): PictureImage =>
  bytes > MAX_OBJECT_BYTES
    ? unusable(tooLarge(bytes, MAX_OBJECT_BYTES))
    : { kind: "image", image: { S3Object: { Bucket, Name } } };
