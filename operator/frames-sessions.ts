import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SQSClient } from "@aws-sdk/client-sqs";
import { frameSessionsTable } from "../aws/frame-sessions.ts";
import { sessionQueue } from "../aws/queues.ts";
import type { Clock } from "../base/clock.ts";
import { pollUntil } from "../base/poll.ts";
import { randomId } from "../base/random.ts";
import { framesEngine } from "../engines/frames/index.ts";
import type { ClientConfig } from "./client-config.ts";
import type { StackOutputs } from "./stack.ts";

/** A stopped session waits for the last of its video before it ends. */
const ENDED_WITHIN_MS = 45_000;
const POLL_INTERVAL_MS = 500;

/** The sessions of the engine `frames`. */
export function framesSessions(
  { FrameSessionsTableName, SampleQueueUrl }: StackOutputs,
  { config, dynamodb, clock }: { config: ClientConfig; dynamodb: DynamoDBClient; clock: Clock },
) {
  const sessions = frameSessionsTable(FrameSessionsTableName, dynamodb);
  const engine = framesEngine({
    now: () => clock.now(),
    randomId,
    sessions,
    ...sessionQueue(SampleQueueUrl, new SQSClient(config)),
    // Only a start needs the camera.
    cameraOf: () => Promise.resolve(undefined),
  });
  return {
    /** Why the camera's latest session failed, if it did. */
    async failureOf(processorName: string): Promise<string | undefined> {
      const status = await engine.find(processorName);
      return status.kind === "failed" ? status.reason : undefined;
    },

    /** Stops the camera's session if it runs, waits until its end is published, and deletes its record. */
    async remove(processorName: string): Promise<void> {
      if ((await engine.stop(processorName)) === "stopped")
        await pollUntil(async () => (await engine.find(processorName)).kind !== "running" || undefined, {
          clock,
          everyMs: POLL_INTERVAL_MS,
          withinMs: ENDED_WITHIN_MS,
        });
      await sessions.remove(processorName);
    },
  };
}
