import { createCanvas, ImageData } from "@napi-rs/canvas";
import { picturesAt, type Picture } from "../../video/decode.ts";
import type { Fragment, FragmentStore } from "../fragment-store.ts";
import { parseMedia } from "../archive/packets.ts";
import { startOf, type TimestampType } from "../archive/select-fragments.ts";
import { playableFile } from "../../matroska/index.ts";
import { fragmentAt } from "./sample-times.ts";

/** How an image is encoded. */
export interface ImageFormat {
  readonly format: "JPEG" | "PNG";
  /** 1..100. */
  readonly jpegQuality: number;
  /** Both or neither, which keeps the size; one alone keeps the ratio. */
  readonly widthPixels?: number;
  readonly heightPixels?: number;
}

/** An image, or why there is none (documented: Image). */
export type ExtractedImage = { atMs: number } & ({ content: Buffer } | { error: "NO_MEDIA" | "MEDIA_ERROR" });

/** Encoding runs beside decoding; so many pictures are held at most. */
const MAX_ENCODING = 4;

/** The images of ascending moments. Each fragment is decoded once, for all of its moments. */
export async function extractImages(
  store: FragmentStore,
  type: TimestampType,
  momentsMs: readonly number[],
  format: ImageFormat,
): Promise<ExtractedImage[]> {
  const fragments = store.archived();
  const images: Promise<ExtractedImage>[] = [];
  for (const { fragment, moments } of byFragment(fragments, type, momentsMs)) {
    if (!fragment) {
      images.push(...moments.map((atMs) => Promise.resolve({ atMs, error: "NO_MEDIA" as const })));
      continue;
    }
    for await (const { atMs, picture } of pictures(store, fragment, type, moments)) {
      images.push(encode(picture, atMs, format));
      await images.at(-MAX_ENCODING);
    }
  }
  return await Promise.all(images);
}

/** Consecutive moments in one fragment. */
function byFragment(
  fragments: readonly Fragment[],
  type: TimestampType,
  momentsMs: readonly number[],
): { fragment: Fragment | undefined; moments: number[] }[] {
  const groups: { fragment: Fragment | undefined; moments: number[] }[] = [];
  for (const atMs of momentsMs) {
    const fragment = fragmentAt(fragments, type, atMs);
    const last = groups.at(-1);
    if (last && last.fragment === fragment) last.moments.push(atMs);
    else groups.push({ fragment, moments: [atMs] });
  }
  return groups;
}

/** The pictures of a fragment; a moment whose picture cannot be decoded has none. */
async function* pictures(
  store: FragmentStore,
  fragment: Fragment,
  type: TimestampType,
  moments: readonly number[],
): AsyncGenerator<{ atMs: number; picture: Picture | undefined }> {
  let done = 0;
  try {
    const media = await store.media(fragment);
    const parsed = media && (await parseMedia(media));
    const track = parsed?.header.tracks.toSorted((a, b) => a.number - b.number)[0];
    // Documented: "Video playback track requirements", GetImages.
    if (parsed && track?.type === "video") {
      const { header, cluster } = parsed;
      const fileStartMs = (cluster.timecode * header.timecodeScaleNs) / 1e6;
      const offsets = moments.map((atMs) => fileStartMs + atMs - startOf(fragment, type));
      for await (const picture of picturesAt(playableFile(header, [cluster]), offsets))
        yield { atMs: moments[done++]!, picture };
    }
  } catch {
    // Told by the images that are missing.
  }
  for (; done < moments.length; done++) yield { atMs: moments[done]!, picture: undefined };
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

function draw({ rgba, width, height }: Picture, size: Pick<ImageFormat, "widthPixels" | "heightPixels">) {
  const canvas = createCanvas(width, height);
  const pixels = new Uint8ClampedArray(rgba.buffer as ArrayBuffer, rgba.byteOffset, rgba.byteLength);
  canvas.getContext("2d").putImageData(new ImageData(pixels, width, height), 0, 0);
  const heightPixels = size.heightPixels ?? height;
  const widthPixels = size.widthPixels ?? Math.max(1, Math.round((width * heightPixels) / height));
  if (widthPixels === width && heightPixels === height) return canvas;
  const scaled = createCanvas(widthPixels, heightPixels);
  const context = scaled.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(canvas, 0, 0, widthPixels, heightPixels);
  return scaled;
}
