import { COVERAGE_OUTCOMES, MAX_COVERED_SECONDS, type Coverage } from "../../schemas/coverage.ts";
import type { DetectedLabel, LabelDetected, StreamProcessingComplete } from "../../schemas/notification.ts";
import * as values from "../../schemas/values.ts";

type Fields = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Fields => typeof value === "object" && value !== null;

/** A null or absent field is null; undefined says that it is there and wrong. */
const optional = <T>(value: unknown, read: (value: unknown) => T | undefined) =>
  value === undefined || value === null ? null : read(value);

/**
 * The quick way through the schema `labelDetected`, for the places where its speed matters: gives what the schema
 * gives, or undefined where the schema must say why not.
 */
export function readLabelDetected(input: unknown): LabelDetected | undefined {
  if (!isObject(input)) return undefined;
  const { eventNamespace, inputInformation, labels } = input;
  if (!isObject(eventNamespace) || eventNamespace.type !== "LABEL_DETECTED") return undefined;
  if (!isObject(inputInformation) || !isObject(inputInformation.kinesisVideo)) return undefined;
  if (!Array.isArray(labels) || labels.length === 0) return undefined;

  const streamArn = values.readStreamArn(inputInformation.kinesisVideo.streamArn);
  const common = readCommon(input);
  if (!streamArn || !common) return undefined;

  const detected: DetectedLabel[] = [];
  for (const each of labels) {
    const label = readLabel(each);
    if (!label) return undefined;
    detected.push(label);
  }
  return {
    eventNamespace: { type: "LABEL_DETECTED" },
    inputInformation: { kinesisVideo: { streamArn } },
    ...common,
    labels: detected,
  };
}

/** Likewise through the schema `streamProcessingComplete`. */
export function readStreamProcessingComplete(input: unknown): StreamProcessingComplete | undefined {
  if (!isObject(input)) return undefined;
  const { eventNamespace, inputInformation } = input;
  if (!isObject(eventNamespace) || eventNamespace.type !== "STREAM_PROCESSING_COMPLETE") return undefined;
  if (!isObject(inputInformation) || !isObject(inputInformation.kinesisVideo)) return undefined;

  const { kinesisVideo } = inputInformation;
  const streamArn = values.readStreamArn(kinesisVideo.streamArn);
  const processedVideoDurationMillis = values.readDurationMs(kinesisVideo.processedVideoDurationMillis);
  const common = readCommon(input);
  const streamProcessingResults = optional(input.streamProcessingResults, readResults);
  if (!streamArn || processedVideoDurationMillis === undefined || !common) return undefined;
  if (streamProcessingResults === undefined) return undefined;
  return {
    eventNamespace: { type: "STREAM_PROCESSING_COMPLETE" },
    inputInformation: { kinesisVideo: { streamArn, processedVideoDurationMillis } },
    ...common,
    streamProcessingResults,
  };
}

const COVERAGE_REQUIRED = 6;
const isText = (value: unknown) => typeof value === "string";
const isWhole = (value: unknown, most = Infinity) =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most;

/** Likewise through the schema `coverage`, which changes nothing and knows every field. */
export function readCoverage(input: unknown): Coverage | undefined {
  if (!isObject(input)) return undefined;
  const { type, eventId, cameraId, outcome, reason, sessionId, maxDurationSeconds, chainFromMs } = input;
  if (type !== "COVERAGE" || !isText(eventId) || !isText(cameraId)) return undefined;
  if (!COVERAGE_OUTCOMES.includes(outcome as Coverage["outcome"])) return undefined;
  if (!isWhole(input.fromMs) || !isWhole(input.untilMs)) return undefined;

  let known = COVERAGE_REQUIRED;
  if (reason !== undefined && known++ && !isText(reason)) return undefined;
  if (sessionId !== undefined && known++ && !isText(sessionId)) return undefined;
  if (maxDurationSeconds !== undefined && known++ && !isWhole(maxDurationSeconds, MAX_COVERED_SECONDS))
    return undefined;
  if (chainFromMs !== undefined && known++ && !isWhole(chainFromMs)) return undefined;
  for (const _ in input) known--;
  return known === 0 ? (input as Coverage) : undefined;
}

function readCommon(input: Fields) {
  const eventId = values.readId(input.eventId);
  const sessionId = values.readId(input.sessionId);
  const tags = optional(input.tags, values.readTags);
  if (!eventId || !sessionId || tags === undefined) return undefined;
  return {
    eventId,
    sessionId,
    tags,
    startStreamProcessorRequest: input.startStreamProcessorRequest ?? null,
  };
}

function readResults(input: unknown): { message: string | null } | undefined {
  if (!isObject(input)) return undefined;
  const message = optional(input.message, values.readText);
  return message === undefined ? undefined : { message };
}

function readLabel(input: unknown): DetectedLabel | undefined {
  if (!isObject(input) || !isObject(input.videoMapping)) return undefined;
  const mapping = input.videoMapping.kinesisVideoMapping;
  const boundingBox = readBox(input.boundingBox);
  if (!isObject(mapping) || !boundingBox) return undefined;

  const id = values.readId(input.id);
  const name = values.readLabelName(input.name);
  const confidence = optional(input.confidence, values.readConfidence);
  const frameImageUri = values.readImageUri(input.frameImageUri);
  const croppedImageUri = optional(input.croppedImageUri, values.readImageUri);
  const fragmentNumber = values.readFragmentNumber(mapping.fragmentNumber);
  const serverTimestamp = values.readEpochMs(mapping.serverTimestamp);
  const producerTimestamp = values.readEpochMs(mapping.producerTimestamp);
  const frameOffsetMillis = values.readDurationMs(mapping.frameOffsetMillis);
  if (!id || !name || !frameImageUri || !fragmentNumber) return undefined;
  if (confidence === undefined || croppedImageUri === undefined) return undefined;
  if (serverTimestamp === undefined || producerTimestamp === undefined || frameOffsetMillis === undefined) {
    return undefined;
  }
  return {
    id,
    name,
    confidence,
    frameImageUri,
    croppedImageUri,
    videoMapping: {
      kinesisVideoMapping: { fragmentNumber, serverTimestamp, producerTimestamp, frameOffsetMillis },
    },
    boundingBox,
  };
}

function readBox(input: unknown): DetectedLabel["boundingBox"] | undefined {
  if (!isObject(input)) return undefined;
  const left = values.readShare(input.left);
  const top = values.readShare(input.top);
  const width = values.readExtent(input.width);
  const height = values.readExtent(input.height);
  if (left === undefined || top === undefined || width === undefined || height === undefined)
    return undefined;
  const fittedWidth = values.fitExtent(left, width);
  const fittedHeight = values.fitExtent(top, height);
  if (fittedWidth === undefined || fittedHeight === undefined) return undefined;
  return { left, top, width: fittedWidth, height: fittedHeight };
}
