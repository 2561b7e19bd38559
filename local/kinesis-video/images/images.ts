import { createCanvas, type Canvas } from "@napi-rs/canvas";
import { playableFile, timecodeMs } from "../../matroska/index.ts";
import { toCanvas } from "../../video/canvas.ts";
import { picturesAt, type Picture } from "../../video/decode.ts";
import type { ImageOrigin, ServedImages } from "../../video/served-images.ts";
import type { FragmentStore } from "../fragments/fragment-store.ts";
import type { Fragment } from "../fragments/fragment.ts";
import { parseMedia } from "../media/parse.ts";
import { startOf, type TimestampType } from "../fragments/select-fragments.ts";
import { fragmentAt } from "./sample-times.ts";

/** How an image is encoded. */
export interface ImageFormat {
  readonly format: "JPEG" | "PNG";
  /** 1..100. */
  readonly jpegQuality: number;
  /** Both; neither, to keep the size; or one alone, to keep the ratio. */
  readonly widthPixels?: number;
  readonly heightPixels?: number;
}

/** An image, or why there is none (documented: Image). */
export type ExtractedImage = { atMs: number } & ({ content: Buffer } | { error: "NO_MEDIA" | "MEDIA_ERROR" });

/** Encoding runs in parallel with decoding, with at most this many pictures in memory. */
const MAX_ENCODING = 4;

/** The images at ascending times. Each fragment is decoded once, for all of its times. */
export async function extractImages(
  store: FragmentStore,
  type: TimestampType,
  timesMs: readonly number[],
  format: ImageFormat,
  served: ServedImages,
): Promise<ExtractedImage[]> {
  const fragments = store.archived();
  const images: Promise<ExtractedImage>[] = [];
  for (const { fragment, times } of byFragment(fragments, type, timesMs)) {
    if (!fragment) {
      images.push(...times.map((atMs) => Promise.resolve({ atMs, error: "NO_MEDIA" as const })));
      continue;
    }
    for await (const { atMs, picture } of pictures(store, fragment, type, times)) {
      const image = encode(picture, atMs, format);
      images.push(image);
      void image.then((one) => {
        if ("content" in one) served.add(one.content, originOf(fragment, type, atMs));
      });
      await images.at(-MAX_ENCODING);
    }
  }
  return await Promise.all(images);
}

const originOf = (fragment: Fragment, type: TimestampType, atMs: number): ImageOrigin => ({
  metadata: new Map(fragment.tags.map(({ name, value }) => [name, value])),
  producerTimestampMs: fragment.producerTimestampMs + atMs - startOf(fragment, type),
});

/** Consecutive times by their fragment. */
function byFragment(
  fragments: readonly Fragment[],
  type: TimestampType,
  timesMs: readonly number[],
): { fragment: Fragment | undefined; times: number[] }[] {
  const groups: { fragment: Fragment | undefined; times: number[] }[] = [];
  for (const atMs of timesMs) {
    const fragment = fragmentAt(fragments, type, atMs);
    const last = groups.at(-1);
    if (last && last.fragment === fragment) last.times.push(atMs);
    else groups.push({ fragment, times: [atMs] });
  }
  return groups;
}

/** The pictures of a fragment; undefined for a time whose picture cannot be decoded. */
async function* pictures(
  store: FragmentStore,
  fragment: Fragment,
  type: TimestampType,
  times: readonly number[],
): AsyncGenerator<{ atMs: number; picture: Picture | undefined }> {
  let done = 0;
  try {
    const media = await store.media(fragment);
    const parsed = media && (await parseMedia(media));
    const track = parsed?.header.tracks.toSorted((a, b) => a.number - b.number)[0];
    // Documented: "Video playback track requirements", GetImages.
    if (parsed && track?.type === "video") {
      const { header, cluster } = parsed;
      const fileStartMs = timecodeMs(cluster.timecode, header.timecodeScaleNs);
      const offsets = times.map((atMs) => fileStartMs + atMs - startOf(fragment, type));
      for await (const picture of picturesAt(playableFile(header, [cluster]), offsets))
        yield { atMs: times[done++]!, picture };
    }
  } catch {
    // The pictures that are missing become images with an error.
  }
  for (; done < times.length; done++) yield { atMs: times[done]!, picture: undefined };
}

async function encode(
  picture: Picture | undefined,
  atMs: number,
  { format, jpegQuality, ...size }: ImageFormat,
): Promise<ExtractedImage> {
  if (!picture) return { atMs, error: "MEDIA_ERROR" };
  try {
    const canvas = draw(picture, size);
    const content = format === "JPEG" ? canvas.encode("jpeg", jpegQuality) : canvas.encode("png");
    return { atMs, content: await content };
  } catch {
    return { atMs, error: "MEDIA_ERROR" };
  }
}

function draw(picture: Picture, size: Pick<ImageFormat, "widthPixels" | "heightPixels">): Canvas {
  const { width, height } = picture;
  const canvas = toCanvas(picture);
  const heightPixels = size.heightPixels ?? height;
  const widthPixels = size.widthPixels ?? Math.max(1, Math.round((width * heightPixels) / height));
  if (widthPixels === width && heightPixels === height) return canvas;
  const scaled = createCanvas(widthPixels, heightPixels);
  const context = scaled.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(canvas, 0, 0, widthPixels, heightPixels);
  return scaled;
}
