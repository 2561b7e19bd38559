import { PutRecordCommand } from "@aws-sdk/client-kinesis";
import { sleep } from "../../../base/clock.ts";
import { SECOND_MS } from "../../../base/durations.ts";
import { errorMessage } from "../../../base/errors.ts";
import { randomId } from "../../../base/random.ts";
import type { Cloud } from "../../cloud.ts";
import type { Principal } from "../../iam/principal.ts";
import { KinesisHttp1Client } from "../../kinesis/client.ts";
import { MatroskaError } from "../../matroska/index.ts";
import type { Collections } from "../faces/collections.ts";
import type { FaceFinder } from "../faces/face-finder.ts";
import { searchFrame } from "../faces/frame-search.ts";
import { faceMatchThreshold } from "../inputs.ts";
import { streamNameOf, type FaceProcessor } from "../processors.ts";
import { readFragments, type Fragment } from "../sessions/fragments.ts";
import { sampleFrames } from "../sessions/frames.ts";
import { assume, openMedia } from "../sessions/role-access.ts";
import { failureOf, SessionFailure, using } from "../sessions/session-failure.ts";
import { recordOf } from "./record.ts";

/** About one frame a second: AWS's rate is not documented, and a public log shows 1 to 2 (parser-library #75). */
const FRAME_INTERVAL_MS = SECOND_MS;

export interface FaceSearchParts {
  readonly collections: Collections;
  readonly finder: FaceFinder;
}

/**
 * Searches the faces of what the stream gets from now on, and puts one record per analysed frame into the data stream, until
 * the signal aborts. Waits without end for video.
 * @param running called once the role, the collection and the stream can be used
 * @throws SessionFailure whose message becomes the StatusMessage
 */
export async function searchFaces(
  cloud: Cloud,
  processor: FaceProcessor,
  parts: FaceSearchParts,
  { signal, running }: { readonly signal: AbortSignal; readonly running: () => void },
): Promise<void> {
  const principal = assume(processor, cloud);
  const { CollectionId } = processor.definition.Settings.FaceSearch;
  if (!parts.collections.find(CollectionId))
    throw new SessionFailure(`Collection ${CollectionId} doesn't exist`);
  const StreamARN = processor.definition.Input.KinesisVideoStream.Arn;
  const selector = { StartSelectorType: "NOW" } as const;
  while (!signal.aborted) {
    try {
      const media = await openMedia({ cloud, principal, StreamARN, selector, signal });
      running();
      for await (const fragment of readFragments(media)) {
        if (signal.aborted) return;
        await searchFragment(cloud, processor, principal, { ...parts, fragment });
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof SessionFailure) throw error;
      // GetMedia ends a connection now and then, also inside a fragment.
      const isCutOff = error instanceof MatroskaError && error.reason === "truncated";
      if (!isCutOff) throw failureOf("Kinesis Video", error, streamNameOf(processor));
    }
    // At once would be a busy loop where every connection ends at once.
    await sleep(cloud.clock, SECOND_MS, signal);
  }
}

/** Skips a fragment that cannot be decoded, with an event: its neighbours can still be analysed. */
async function searchFragment(
  cloud: Cloud,
  { definition }: FaceProcessor,
  principal: Principal,
  { fragment, collections, finder }: FaceSearchParts & { readonly fragment: Fragment },
): Promise<void> {
  const { Name, Input, Output, Settings } = definition;
  const search = {
    collectionId: Settings.FaceSearch.CollectionId,
    threshold: faceMatchThreshold(definition),
    metadata: fragment.metadata,
  };
  const frames = sampleFrames(fragment, FRAME_INTERVAL_MS);
  try {
    for (;;) {
      const { value: frame, done } = await frames.next().catch((error: unknown) => {
        const detail = { processor: Name, fragmentNumber: fragment.number, error: errorMessage(error) };
        cloud.events.emit("rekognition", "fragment-undecodable", detail);
        return { value: undefined, done: true } as const;
      });
      if (done) return;
      const faces = await found(() => searchFrame(frame, search, collections, finder));
      const record = recordOf(Input.KinesisVideoStream.Arn, fragment, frame.offsetMs, faces);
      const command = new PutRecordCommand({
        StreamARN: Output.KinesisDataStream.Arn,
        // Which key Rekognition uses is unconfirmed.
        PartitionKey: randomId(),
        Data: Buffer.from(JSON.stringify(record)),
      });
      await using("Kinesis Data Stream", () => cloud.client(KinesisHttp1Client, principal).send(command));
      cloud.events.emit("rekognition", "frame-searched", {
        processor: Name,
        fragmentNumber: fragment.number,
        producerTimestampMs: frame.producerTimestampMs,
        faces: faces.length,
        matched: faces.filter(({ MatchedFaces }) => MatchedFaces.length > 0).length,
      });
    }
  } finally {
    await frames.return(undefined);
  }
}

async function found<T>(search: () => Promise<T>): Promise<T> {
  try {
    return await search();
  } catch (error) {
    throw new SessionFailure(errorMessage(error), { cause: error });
  }
}
