import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import * as v from "valibot";
import { callLimit } from "../aws/call-limit.ts";
import { camerasTable } from "../aws/cameras.ts";
import { faceSearch } from "../aws/faces.ts";
import { streamImages } from "../aws/images.ts";
import { personsTable } from "../aws/persons.ts";
import { alertQueue } from "../aws/queues.ts";
import { rowsInto } from "../aws/rows.ts";
import { sleep, systemClock } from "../base/clock.ts";
import { systemRandom } from "../base/random.ts";
import { searchPersons, type SearchParts } from "../core/faces/search.ts";
import { faceMetrics } from "../core/metrics.ts";
import { cropsOf, UnreadableJpegError } from "../engines/frames/crop.ts";
import { faceRequest } from "../schemas/face.ts";
import { handled } from "./_queue.ts";
import { count, environment, log } from "./_runtime.ts";

/** Documented (Rekognition quotas): an image has at least 80 pixels a side. A person who stands sideways may have fewer. */
const LEAST_PIXELS = 80;

const collectionId = environment("FACES_COLLECTION_ID");
const limit = callLimit(environment("FACE_CALLS_TABLE"), Number(environment("SEARCH_FACES_PER_SECOND")));

const parts: SearchParts = {
  now: systemClock.now,
  random: systemRandom,
  sleep: (ms) => sleep(systemClock, ms),
  collectionId,
  findCamera: camerasTable(environment("CAMERAS_TABLE")).find,
  ...streamImages(),
  crop: (jpeg, boxes) => {
    try {
      return cropsOf(jpeg, boxes, LEAST_PIXELS);
    } catch (error) {
      if (error instanceof UnreadableJpegError) return undefined;
      throw error;
    }
  },
  takeCall: () => limit.takeCall("first"),
  ...faceSearch({ collectionId, threshold: Number(environment("FACE_MATCH_THRESHOLD")) }),
  persons: personsTable(environment("PERSONS_TABLE")),
  ...rowsInto(environment("FACES_DELIVERY_STREAM")),
  ...alertQueue(environment("ALERT_QUEUE_URL")),
};

/** Searches the faces of images, all of a batch at the same time: they share the account's limit of calls. */
export const handler = async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => ({
  batchItemFailures: (
    await Promise.all(Records.map((record) => handled(record, "faces not searched", search)))
  ).flat(),
});

async function search(message: unknown): Promise<void> {
  const request = v.parse(faceRequest, message);
  const { cameraId, sessionId } = request;
  const searched = await searchPersons(parts, request);
  count(faceMetrics(searched), { cameraId });
  for (const { reason } of searched.notSearched)
    log.info("persons not searched", { cameraId, sessionId, reason });
  for (const reason of searched.unknown) log.info("match counts as unknown", { cameraId, sessionId, reason });
}
