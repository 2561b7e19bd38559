import type { EngineName } from "../schemas/engine.ts";
import type { PriceName } from "../schemas/prices.ts";

/** What faces add to a month of a fleet. */
interface FaceWork {
  /** Cameras that search faces. */
  readonly cameras: number;
  /** Seconds of video that are analysed. */
  readonly seconds: number;
  /** Images that the engine `frames` had analysed. */
  readonly samples: number;
  /** Persons in an analysed image, on average. */
  readonly personsPerImage: number;
}

/** An amount of something that is billed. */
interface FaceAmount {
  readonly service: string;
  readonly what: string;
  readonly price: PriceName;
  readonly amount: number;
  readonly assumption: string;
}

/** Assumed amounts; each is named beside the figures that depend on it. */
const ASSUMED = {
  /** Observed by others: 1 to 2 records a second (amazon-kinesis-video-streams-parser-library, issue 75). */
  recordsPerSecond: 1.5,
  searchMs: 1000,
  searchGb: 1,
  recordMs: 20,
  /** A batch of recordFaces holds some seconds of video. */
  recordsPerBatch: 5,
  functionGb: 0.5,
  /** Send, receive and delete. */
  queueRequestsPerImage: 3,
  /** The camera for an image, and the record of each person who is recognised. */
  readsPerImage: 1,
} as const;

const HOURS_PER_MONTH = 24 * 30;
const MS_PER_SECOND = 1000;
/** Documented (Firehose pricing): each record is rounded up to 5 KB. */
const GB_PER_ROW = 5 / 1e6;

/** What faces add with an engine, beside what it bills anyway. */
export const FACES_OF: Readonly<Record<EngineName, (work: FaceWork) => FaceAmount[]>> = {
  "stream-processor": () => [],
  "face-search": faceSearchFaces,
  frames: framesFaces,
};

/** What is billed for faces with the engine `frames`: each person of each image is searched by a call of its own. */
function framesFaces({ samples, personsPerImage }: FaceWork): FaceAmount[] {
  const searches = samples * personsPerImage;
  // Images without a person are not sent. Persons come and go by themselves: 0.5 an image are 4 of 10 images with one.
  const images = samples * (1 - Math.exp(-personsPerImage));
  const persons = `${personsPerImage} persons per image`;
  const { searchMs, searchGb, queueRequestsPerImage } = ASSUMED;
  return [
    amount("Rekognition", "faces: searches", "rekognitionFaceImage", searches, persons),
    amount(
      "Kinesis Video",
      "faces: images",
      "kinesisVideoImage",
      images,
      "one per sample with a person, up to 1080p",
    ),
    amount("Lambda", "faces: requests", "lambdaRequest", images, persons),
    amount(
      "Lambda",
      "faces: compute",
      "lambdaGbSecond",
      (images * searchMs * searchGb) / MS_PER_SECOND,
      `${searchMs} ms per image at ${searchGb} GB`,
    ),
    amount(
      "SQS",
      "faces: requests",
      "sqsRequest",
      images * queueRequestsPerImage,
      `${queueRequestsPerImage} per image`,
    ),
    amount("DynamoDB", "faces: reads", "dynamoDbRead", images * ASSUMED.readsPerImage + searches, persons),
    amount("DynamoDB", "faces: writes", "dynamoDbWrite", searches, "one per search, for the limit of calls"),
    ...rows(searches),
  ];
}

/** What is billed for faces with the engine `face-search`, beside its minutes: a data stream per camera, day and night. */
function faceSearchFaces({ cameras, seconds, personsPerImage }: FaceWork): FaceAmount[] {
  const { recordsPerSecond, recordsPerBatch, recordMs, functionGb } = ASSUMED;
  const records = seconds * recordsPerSecond;
  const batches = records / recordsPerBatch;
  const faces = records * personsPerImage;
  const rate = `${recordsPerSecond} records per second`;
  return [
    amount(
      "Kinesis",
      "shards",
      "kinesisShardHour",
      cameras * HOURS_PER_MONTH,
      "a stream of one shard per camera",
    ),
    amount("Kinesis", "records", "kinesisPutUnit", records, rate),
    amount("Lambda", "faces: requests", "lambdaRequest", batches, `${recordsPerBatch} records per call`),
    amount(
      "Lambda",
      "faces: compute",
      "lambdaGbSecond",
      (records * recordMs * functionGb) / MS_PER_SECOND,
      `${recordMs} ms per record at ${functionGb} GB`,
    ),
    amount(
      "DynamoDB",
      "faces: reads",
      "dynamoDbRead",
      batches + faces,
      `${personsPerImage} persons per image`,
    ),
    ...rows(faces),
  ];
}

/** Rows of faces, which have no raw backup. */
function rows(count: number): FaceAmount[] {
  const text = "a row per face";
  return [
    amount("Firehose", "faces: ingestion, 5 KB per record", "firehoseIngestGb", count * GB_PER_ROW, text),
    amount("Firehose", "faces: conversion to Parquet", "firehoseConversionGb", count * GB_PER_ROW, text),
    amount("Firehose", "faces: partitioning", "firehosePartitioningGb", count * GB_PER_ROW, text),
  ];
}

function amount(
  service: string,
  what: string,
  price: PriceName,
  units: number,
  assumption: string,
): FaceAmount {
  return { service, what, price, amount: units, assumption };
}
