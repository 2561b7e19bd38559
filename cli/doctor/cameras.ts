import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KinesisVideoClient, paginateListStreams } from "@aws-sdk/client-kinesis-video";
import { paginateListStreamProcessors, RekognitionClient } from "@aws-sdk/client-rekognition";
import { camerasTable } from "../../aws/cameras.ts";
import { frameSessionsTable } from "../../aws/frame-sessions.ts";
import { forEachConcurrently } from "../../base/concurrency.ts";
import { isClosedToAccount } from "../../operator/aws-errors.ts";
import { processorState } from "../../operator/label-processor.ts";
import type { Camera } from "../../schemas/camera.ts";
import { deployedCheck } from "./check.ts";
import { failed, ok, unknown, wrong, type Finding } from "./finding.ts";

const PERMISSIONS =
  "dynamodb:Scan and GetItem, kinesisvideo:ListStreams, rekognition:ListStreamProcessors and DescribeStreamProcessor";
/** How many failed processors are described for their reason; the others are only counted as failed. */
const MAX_REASONS = 20;
/** Cameras of the engine frames whose latest session is read; of a larger fleet, the first of them. */
const MAX_SESSIONS = 100;
const PARALLEL = 8;

/** The part of a camera's record that is checked. */
type CheckedCamera = Pick<Camera, "cameraId" | "engine" | "streamName" | "processorName">;

/** The state of a camera's processor. */
interface CheckedProcessor {
  readonly status: string;
  readonly reason?: string | undefined;
}

/** Whether every camera has what its engine needs, and none of it has failed. */
export const camerasCheck = deployedCheck("cameras", async ({ config, outputs }) => {
  const dynamodb = new DynamoDBClient(config);
  const video = new KinesisVideoClient(config);
  const rekognition = new RekognitionClient(config);
  try {
    const cameras = await camerasTable(outputs.CamerasTableName, dynamodb).list();
    if (cameras.length === 0) return cameraFindings([], new Map(), new Map(), new Map());
    // Lists, since one call for each of thousands would be throttled.
    const streams = new Map<string, string>();
    for await (const { StreamInfoList = [] } of paginateListStreams({ client: video }, {}))
      for (const { StreamName = "", Status = "" } of StreamInfoList) streams.set(StreamName, Status);
    const processors = await listProcessors(rekognition);
    const broken = cameras.filter(({ processorName }) => processors?.get(processorName)?.status === "FAILED");
    for (const { processorName } of broken.slice(0, MAX_REASONS)) {
      const state = await processorState(processorName, rekognition);
      if (state) processors?.set(processorName, state);
    }
    const failures = await framesFailures(
      cameras,
      frameSessionsTable(outputs.FrameSessionsTableName, dynamodb),
    );
    return cameraFindings(cameras, streams, processors, failures);
  } catch (error) {
    return [failed("the cameras", error, PERMISSIONS)];
  } finally {
    for (const client of [dynamodb, video, rekognition]) client.destroy();
  }
});

/** By name; undefined where streaming video is closed to the account or Region. */
async function listProcessors(client: RekognitionClient): Promise<Map<string, CheckedProcessor> | undefined> {
  const processors = new Map<string, CheckedProcessor>();
  try {
    for await (const { StreamProcessors = [] } of paginateListStreamProcessors({ client }, {}))
      for (const { Name = "", Status = "" } of StreamProcessors) processors.set(Name, { status: Status });
    return processors;
  } catch (error) {
    if (isClosedToAccount(error)) return undefined;
    throw error;
  }
}

/** Why the latest sessions of the engine frames failed, by the processor's name. */
async function framesFailures(
  cameras: readonly Camera[],
  sessions: Pick<ReturnType<typeof frameSessionsTable>, "find">,
): Promise<Map<string, string>> {
  const failures = new Map<string, string>();
  const sampled = cameras.filter(({ engine }) => engine === "frames").slice(0, MAX_SESSIONS);
  await forEachConcurrently(sampled, { limit: PARALLEL }, async ({ processorName }) => {
    const session = await sessions.find(processorName);
    if (session?.state === "failed") failures.set(processorName, session.failure ?? "no reason given");
  });
  return failures;
}

/**
 * A finding for each camera that has a problem.
 * @param streams status by the stream's name
 * @param processors by the processor's name; undefined where streaming video is closed to the account or Region
 * @param failures why the latest session of the engine frames failed, by the processor's name
 */
export function cameraFindings(
  cameras: readonly CheckedCamera[],
  streams: ReadonlyMap<string, string>,
  processors: ReadonlyMap<string, CheckedProcessor> | undefined,
  failures: ReadonlyMap<string, string>,
): Finding[] {
  if (cameras.length === 0) return [unknown("none is registered", "npx doorstep camera add <id>")];
  const findings = cameras.flatMap(({ cameraId, engine, streamName, processorName }): Finding[] => {
    const again = `npx doorstep camera add ${cameraId} creates what is missing`;
    const stream = streams.get(streamName);
    if (stream === undefined) return [wrong(`${cameraId}: the stream ${streamName} does not exist`, again)];
    if (stream !== "ACTIVE")
      return [unknown(`${cameraId}: the stream ${streamName} is ${stream}`, "wait a minute")];
    const move = `npx doorstep camera update ${cameraId} --engine frames`;
    const processor = processors?.get(processorName);
    if (engine === "frames") {
      const failure = failures.get(processorName);
      if (failure !== undefined)
        return [
          wrong(
            `${cameraId}: its latest session failed: ${failure}`,
            "fix what the reason names; the next motion starts another one",
          ),
        ];
      if (!processor) return [];
      return [
        unknown(
          `${cameraId}: its engine is ${engine}, but the stream processor ${processorName} still exists`,
          `${move} deletes it once its last session has ended`,
        ),
      ];
    }
    if (!processors)
      return [
        wrong(
          `${cameraId}: its engine is ${engine}, and streaming video is closed to this account or missing in this Region`,
          `${move} moves it`,
        ),
      ];
    if (!processor)
      return [wrong(`${cameraId}: the stream processor ${processorName} does not exist`, again)];
    return processor.status === "FAILED"
      ? [
          wrong(
            `${cameraId}: its stream processor has FAILED: ${processor.reason ?? "no reason given"}`,
            "fix what the reason names; the next motion starts it again",
          ),
        ]
      : [];
  });
  const fine = cameras.length - findings.length;
  return [
    ...(fine > 0 ? [ok(`${fine} of ${cameras.length} have everything that they need`)] : []),
    ...findings,
  ];
}
