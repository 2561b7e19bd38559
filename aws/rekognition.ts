import {
  DescribeStreamProcessorCommand,
  RekognitionClient,
  StopStreamProcessorCommand,
} from "@aws-sdk/client-rekognition";
import type { Finding, StartAnswer } from "../schemas/engine.ts";
import { startCommand, type LabelSession } from "./label-session.ts";

/**
 * Never tried again by itself: a start whose answer was lost would be answered the second time as a processor that is
 * busy, with the very session that was asked for. Whoever calls has a queue.
 */
const client = new RekognitionClient({ maxAttempts: 1 });

/**
 * Starts a label detection session. It ends by itself at its longest duration, and a wrong role or stream shows only
 * later, as a failed processor (documented: StartStreamProcessor and the guide's "Troubleshooting streaming video").
 * @throws the client's error when there was no answer, so that nobody knows whether the session has started
 */
export async function startLabelSession(session: LabelSession): Promise<StartAnswer> {
  try {
    const { SessionId } = await client.send(startCommand(session));
    return SessionId
      ? { kind: "started", sessionId: SessionId }
      : { kind: "refused", reason: "Rekognition answered without a SessionId" };
  } catch (error) {
    if (!isAnswer(error)) throw error;
    if (isThrottling(error)) return { kind: "throttled" };
    if (error.name === "ResourceInUseException") return { kind: "processor-busy" };
    return { kind: "refused", reason: `${error.name}: ${error.message}` };
  }
}

/**
 * How a processor is; a label processor is STARTING for its whole run (documented).
 * @throws the client's error when it is throttled or there is no answer
 */
export async function findProcessor(processorName: string): Promise<Finding> {
  try {
    const { Status, StatusMessage } = await client.send(
      new DescribeStreamProcessorCommand({ Name: processorName }),
    );
    if (Status === "FAILED")
      return { kind: "failed", reason: StatusMessage || "the stream processor failed without a message" };
    return { kind: Status === "STOPPED" ? "stopped" : "at-work" };
  } catch (error) {
    if (isAnswer(error) && error.name === "ResourceNotFoundException") return { kind: "not-found" };
    throw error;
  }
}

/**
 * Stops a processor: at most one a second and account (documented: Rekognition quotas).
 * @throws the client's error when it is throttled or there is no answer
 */
export async function stopProcessor(processorName: string): Promise<"stopped" | "not-at-work" | "not-found"> {
  try {
    await client.send(new StopStreamProcessorCommand({ Name: processorName }));
    return "stopped";
  } catch (error) {
    if (isAnswer(error) && error.name === "ResourceInUseException") return "not-at-work";
    if (isAnswer(error) && error.name === "ResourceNotFoundException") return "not-found";
    throw error;
  }
}

/** Whether Rekognition itself refused, rather than the way there. */
const isAnswer = (error: unknown): error is Error =>
  error instanceof Error &&
  (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode !== undefined;

/** Which error tells of full concurrency is not documented for Start; both that exist elsewhere are taken for it. */
const isThrottling = ({ name }: Error): boolean =>
  [
    "ThrottlingException",
    "ProvisionedThroughputExceededException",
    "LimitExceededException",
    "ServiceQuotaExceededException",
  ].includes(name);
