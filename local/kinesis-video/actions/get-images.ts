import * as v from "valibot";
import { illegalArgument, invalidArgument, noDataRetention, validationFailed } from "../errors.ts";
import { TIMESTAMP_TYPES } from "../fragments/select-fragments.ts";
import type { ExtractedImage, ImageFormat } from "../images/images.ts";
import { isSampleTime, sampleTimes, type Sampling } from "../images/sample-times.ts";
import { decodeToken, encodeToken, maxResults, nextToken, timestampMs, toSeconds } from "../inputs.ts";
import { streamAction } from "../stream-action.ts";
import { requireRetention } from "../streams.ts";

/** Documented: GetImages. */
const MAX_RANGE_MS = 300_000;
const MIN_INTERVAL_MS = 200;
const MAX_RESULTS = 100;
const PAGE_IMAGES = 25;
const DEFAULT_JPEG_QUALITY = 80;
const MAX_WIDTH_PIXELS = 3840;
const MAX_HEIGHT_PIXELS = 2160;
/** In addition to one point per image (documented: service quotas, fragment-metadata quota consumption). */
const METADATA_POINTS = 400;
/** Documented in earlier editions of the API reference ("with a default of 3000 ms"); the current one names none. */
const DEFAULT_INTERVAL_MS = 3000;

const pixels = (max: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(max));

const request = {
  ImageSelectorType: v.picklist(TIMESTAMP_TYPES),
  StartTimestamp: timestampMs,
  EndTimestamp: timestampMs,
  SamplingInterval: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(MIN_INTERVAL_MS)),
    DEFAULT_INTERVAL_MS,
  ),
  Format: v.picklist(["JPEG", "PNG"]),
  FormatConfig: v.optional(
    v.strictObject({
      JPEGQuality: v.optional(
        v.pipe(v.string(), v.regex(/^([1-9]\d?|100)$/, "expected 1..100 as text"), v.transform(Number)),
      ),
    }),
    {},
  ),
  WidthPixels: v.optional(pixels(MAX_WIDTH_PIXELS)),
  HeightPixels: v.optional(pixels(MAX_HEIGHT_PIXELS)),
  MaxResults: v.optional(maxResults(MAX_RESULTS), PAGE_IMAGES),
  NextToken: v.optional(nextToken),
};
type Request = v.InferOutput<v.ObjectSchema<typeof request, undefined>>;

const pageToken = v.object({ fromMs: v.number() });

/** An image, or why there is none, for each sample time of the range; at most 25 per page (documented). */
export const getImages = streamAction(request, async (stream, given, { state, cloud }) => {
  checkRequest(given);
  requireRetention(stream, noDataRetention);
  state.quotas.points("fragmentMetadata", stream.arn, METADATA_POINTS + given.MaxResults);
  state.quotas.points("fragmentMedia", stream.arn, given.MaxResults);
  const { StartTimestamp: startMs, EndTimestamp: endMs, SamplingInterval: intervalMs } = given;
  const sampling: Sampling = { startMs, endMs, intervalMs };
  const times = sampleTimes(sampling, firstTime(given, sampling), Math.min(given.MaxResults, PAGE_IMAGES));
  const format: ImageFormat = {
    format: given.Format,
    jpegQuality: given.FormatConfig.JPEGQuality ?? DEFAULT_JPEG_QUALITY,
    ...(given.WidthPixels !== undefined && { widthPixels: given.WidthPixels }),
    ...(given.HeightPixels !== undefined && { heightPixels: given.HeightPixels }),
  };
  const { extractImages } = await import("../images/images.ts");
  const images = await extractImages(
    state.fragments(stream),
    given.ImageSelectorType,
    times,
    format,
    cloud.servedImages,
  );
  const nextMs = times.at(-1)! + intervalMs;
  return {
    Images: images.map(describe),
    ...(nextMs <= endMs && { NextToken: encodeToken({ fromMs: nextMs }) }),
  };
});

function checkRequest({ StartTimestamp, EndTimestamp, WidthPixels, HeightPixels }: Request): void {
  if (EndTimestamp < StartTimestamp) throw invalidArgument("EndTimestamp is before StartTimestamp");
  if (EndTimestamp - StartTimestamp > MAX_RANGE_MS)
    throw illegalArgument(
      `The range of ${EndTimestamp - StartTimestamp} ms is longer than ${MAX_RANGE_MS} ms.`,
    );
  // Documented for the width; for a height alone the reference says both that it is refused and that the ratio is kept.
  if (WidthPixels !== undefined && HeightPixels === undefined)
    throw validationFailed("WidthPixels also needs HeightPixels.");
}

/** Where the page starts. */
function firstTime({ NextToken }: Request, sampling: Sampling): number {
  if (NextToken === undefined) return sampling.startMs;
  const { fromMs } = decodeToken(NextToken, pageToken);
  if (!isSampleTime(sampling, fromMs))
    throw invalidArgument(
      "NextToken: expected the one of the previous page, with the same range and interval",
    );
  return fromMs;
}

const describe = (image: ExtractedImage) => ({
  TimeStamp: toSeconds(image.atMs),
  ...("error" in image ? { Error: image.error } : { ImageContent: image.content.toString("base64") }),
});
