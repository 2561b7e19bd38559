import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { AwsError } from "../../errors.ts";
import { requireArchive, TIMESTAMP_TYPES } from "../archive/select-fragments.ts";
import { extractImages, type ExtractedImage } from "../images/images.ts";
import { isMoment, momentsOf, type Sampling } from "../images/sample-times.ts";
import {
  decodeToken,
  maxResults,
  namesOneStream,
  nextToken,
  streamReference,
  timestampMs,
  toSeconds,
} from "../inputs.ts";
import type { KinesisVideo } from "../state.ts";

/** Documented: GetImages. */
const MAX_RANGE_MS = 300_000;
const MIN_INTERVAL_MS = 200;
const MAX_RESULTS = 100;
const PAGE_IMAGES = 25;
const DEFAULT_JPEG_QUALITY = 80;
const MAX_WIDTH_PIXELS = 3840;
const MAX_HEIGHT_PIXELS = 2160;
/** Beside one point for each image (documented: service quotas, fragment-metadata quota consumption). */
const METADATA_POINTS = 400;
/** Documented in earlier editions of the API reference ("with a default of 3000 ms"); the current one names none. */
const DEFAULT_INTERVAL_MS = 3000;

const pixels = (max: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(max));

const input = v.pipe(
  v.object({
    ...streamReference,
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
  }),
  namesOneStream(),
);
type Request = v.InferOutput<typeof input>;

const pageToken = v.object({ fromMs: v.number() });

/** GetImages: an image, or why there is none, for each moment of the range; pages of 25 at most (documented). */
export const getImages: Action<KinesisVideo, Request, unknown> = {
  input,
  resources: (request, { state }) => state.streams.arnOf(request),
  run: async (request, { state }) => {
    const stream = state.streams.find(request);
    checkRequest(request);
    requireArchive(stream);
    state.quotas.points("fragmentMetadata", stream.arn, METADATA_POINTS + request.MaxResults);
    state.quotas.points("fragmentMedia", stream.arn, request.MaxResults);
    const { StartTimestamp: startMs, EndTimestamp: endMs, SamplingInterval: intervalMs } = request;
    const sampling: Sampling = { startMs, endMs, intervalMs };
    const moments = momentsOf(
      sampling,
      firstMoment(request, sampling),
      Math.min(request.MaxResults, PAGE_IMAGES),
    );
    const images = await extractImages(state.fragments(stream), request.ImageSelectorType, moments, {
      format: request.Format,
      jpegQuality: request.FormatConfig.JPEGQuality ?? DEFAULT_JPEG_QUALITY,
      ...(request.WidthPixels !== undefined && { widthPixels: request.WidthPixels }),
      ...(request.HeightPixels !== undefined && { heightPixels: request.HeightPixels }),
    });
    const nextMs = moments.at(-1)! + intervalMs;
    return {
      Images: images.map(describe),
      ...(nextMs <= endMs && {
        NextToken: Buffer.from(JSON.stringify({ fromMs: nextMs })).toString("base64"),
      }),
    };
  },
};

function checkRequest({ StartTimestamp, EndTimestamp, WidthPixels, HeightPixels }: Request): void {
  if (EndTimestamp < StartTimestamp)
    throw new AwsError("InvalidArgumentException", "EndTimestamp is before StartTimestamp");
  // Documented by this name, though the model of the API has no such error.
  if (EndTimestamp - StartTimestamp > MAX_RANGE_MS)
    throw new AwsError(
      "IllegalArgumentException",
      `The range of ${EndTimestamp - StartTimestamp} ms is longer than ${MAX_RANGE_MS} ms.`,
    );
  // Documented for the width; of a height alone the reference says both that it is refused and that the ratio is kept.
  if (WidthPixels !== undefined && HeightPixels === undefined)
    throw new AwsError("ValidationException", "WidthPixels needs HeightPixels beside it.");
}

/** Where the page begins. */
function firstMoment({ NextToken }: Request, sampling: Sampling): number {
  if (NextToken === undefined) return sampling.startMs;
  const position = decodeToken(NextToken, pageToken);
  if (!position || !isMoment(sampling, position.fromMs))
    throw new AwsError(
      "InvalidArgumentException",
      "NextToken: expected the one of the page before, with the same range and interval",
    );
  return position.fromMs;
}

const describe = (image: ExtractedImage) => ({
  TimeStamp: toSeconds(image.atMs),
  ...("error" in image ? { Error: image.error } : { ImageContent: image.content.toString("base64") }),
});
