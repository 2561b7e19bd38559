import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SQSClient } from "@aws-sdk/client-sqs";
import { faceSessionsTable } from "../aws/face-sessions.ts";
import { sessionQueue } from "../aws/queues.ts";
import type { Clock } from "../base/clock.ts";
import { pollUntil } from "../base/poll.ts";
import { randomId } from "../base/random.ts";
import { faceSearchEngine } from "../engines/face-search/index.ts";
import type { ClientConfig } from "./client-config.ts";
import type { StackOutputs } from "./stack.ts";

/** A processor may be STOPPING for two minutes until its session ends without it, and checks take some seconds. */
const ENDED_WITHIN_MS = 150_000;
const POLL_INTERVAL_MS = 500;

/** The sessions of the engine `face-search`. */
export function faceSearchSessions(
  { FaceSessionsTableName, FaceCheckQueueUrl }: StackOutputs,
  { config, dynamodb, clock }: { config: ClientConfig; dynamodb: DynamoDBClient; clock: Clock },
) {
  const sessions = faceSessionsTable(FaceSessionsTableName, dynamodb);
  const engine = faceSearchEngine({
    now: () => clock.now(),
    randomId,
    sessions,
    ...sessionQueue(FaceCheckQueueUrl, new SQSClient(config)),
    // Only a start needs the camera and its processor.
    cameraOf: () => Promise.resolve(undefined),
    startProcessor: () => Promise.resolve({ kind: "refused", reason: "sessions start by motion" }),
  });
  return {
    /** Why the camera's latest session failed, if it did. */
    async failureOf(processorName: string): Promise<string | undefined> {
      const session = await sessions.find(processorName);
      return session?.state === "failed" ? session.failure : undefined;
    },

    /**
     * Ends the camera's session if one runs: its processor is stopped, and its end is published.
     * @throws Error when it has not ended after a while; one whose checks are lost counts as ended
     */
    async end(processorName: string): Promise<void> {
      if ((await engine.stop(processorName)) !== "stopped") return;
      const isEnded = await pollUntil(
        async () => (await engine.find(processorName)).kind !== "running" || undefined,
        { clock, everyMs: POLL_INTERVAL_MS, withinMs: ENDED_WITHIN_MS },
      );
      if (isEnded) return;
      throw new Error(
        `the session of ${processorName} has not ended after ${ENDED_WITHIN_MS / 1000} s: see the log of endFaceSearch, and run it again`,
      );
    },

    /** Whether there is a record of a session, which goes last when a camera leaves the engine. */
    exists: async (processorName: string): Promise<boolean> =>
      (await sessions.find(processorName)) !== undefined,

    /** Deletes the record of a session that has ended. */
    remove: (processorName: string): Promise<void> => sessions.remove(processorName),
  };
}
