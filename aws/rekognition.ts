import {
  DescribeStreamProcessorCommand,
  paginateListStreamProcessors,
  RekognitionClient,
  StartStreamProcessorCommand,
  StopStreamProcessorCommand,
} from "@aws-sdk/client-rekognition";
import type { RunStatus, SessionRequest, StartResult, StopResult } from "../schemas/engine.ts";
import { isStreamingClosed, STREAMING_CLOSED, WITHOUT_STREAMING } from "../schemas/regions.ts";
import { isResponse } from "./responses.ts";
import { isThrottling } from "./throttling.ts";

/** The call by which a label processor analyses this video (documented: StartStreamProcessor). */
export const startCommand = ({ processorName, videoStartMs, maxDurationSeconds }: SessionRequest) =>
  new StartStreamProcessorCommand({
    Name: processorName,
    StartSelector: { KVSStreamStartSelector: { ProducerTimestamp: videoStartMs } },
    StopSelector: { MaxDurationInSeconds: maxDurationSeconds },
  });

/** What a failed start means. @throws the error itself when it is no response */
function startFailure(error: unknown): Exclude<StartResult, { readonly kind: "started" }> {
  if (!isResponse(error)) throw error;
  // The error for too many running sessions is not documented for Start; those that exist elsewhere count as such.
  if (isThrottling(error)) return { kind: "throttled" };
  if (error.name === "ResourceInUseException") return { kind: "processor-busy" };
  const reason = isStreamingClosed(error)
    ? `${STREAMING_CLOSED}; ${WITHOUT_STREAMING}`
    : `${error.name}: ${error.message}`;
  return { kind: "refused", reason };
}

/**
 * Without retries: after a start whose response was lost, the retry would be refused because the processor is busy, with
 * the very session that the first attempt started. Callers retry by queue.
 */
const defaultClient = /* @__PURE__ */ new RekognitionClient({ maxAttempts: 1 });

/** Rekognition's label stream processors. @param client one that makes each attempt once */
export const streamProcessors = (client = defaultClient) => ({
  /**
   * Starts a label detection session. It ends by itself after its longest duration. A wrong role or stream shows only
   * later, as a failed processor (documented: StartStreamProcessor and the guide's "Troubleshooting streaming video").
   * @throws the client's error when there was no response, so that the session may have started or not
   */
  async start(session: SessionRequest): Promise<StartResult> {
    try {
      const { SessionId } = await client.send(startCommand(session));
      return SessionId
        ? { kind: "started", sessionId: SessionId }
        : { kind: "refused", reason: "Rekognition returned no SessionId" };
    } catch (error) {
      return startFailure(error);
    }
  },

  /**
   * The status of a processor; a label processor is STARTING for its whole run (documented).
   * @throws the client's error when it is throttled or there is no response
   */
  async find(processorName: string): Promise<RunStatus> {
    try {
      const { Status, StatusMessage } = await client.send(
        new DescribeStreamProcessorCommand({ Name: processorName }),
      );
      if (Status === "FAILED")
        return { kind: "failed", reason: StatusMessage || "the stream processor failed without a message" };
      return { kind: Status === "STOPPED" ? "stopped" : "running" };
    } catch (error) {
      if (isResponse(error) && error.name === "ResourceNotFoundException") return { kind: "not-found" };
      throw error;
    }
  },

  /**
   * Stops a processor: at most one a second and account (documented: Rekognition quotas).
   * @throws the client's error when it is throttled or there is no response
   */
  stop: (processorName: string): Promise<StopResult> => stopProcessor(client, processorName),
});

async function stopProcessor(client: RekognitionClient, processorName: string): Promise<StopResult> {
  try {
    await client.send(new StopStreamProcessorCommand({ Name: processorName }));
    return "stopped";
  } catch (error) {
    if (isResponse(error) && error.name === "ResourceInUseException") return "not-running";
    if (isResponse(error) && error.name === "ResourceNotFoundException") return "not-found";
    throw error;
  }
}

/** Rekognition's FaceSearch stream processors. @param client one that makes each attempt once */
export const faceProcessors = (client = defaultClient) => ({
  /**
   * Starts a processor, which runs until it is stopped. It takes no selectors: it reads live video (documented:
   * StartStreamProcessor).
   * @throws the client's error when there was no response, so that it may have been started or not
   */
  async startProcessor(Name: string): Promise<StartResult> {
    try {
      await client.send(new StartStreamProcessorCommand({ Name }));
      return { kind: "started", sessionId: "" };
    } catch (error) {
      return startFailure(error);
    }
  },

  /**
   * The processor of that name, whether it searches faces, and its status.
   * @throws the client's error when it is throttled or there is no response
   */
  async findProcessor(Name: string) {
    try {
      const { Status, StatusMessage, Input, Settings, LastUpdateTimestamp } = await client.send(
        new DescribeStreamProcessorCommand({ Name }),
      );
      return {
        status: Status ?? "UNKNOWN",
        reason: StatusMessage,
        streamArn: Input?.KinesisVideoStream?.Arn ?? "",
        updatedAtMs: LastUpdateTimestamp?.getTime() ?? Infinity,
        isFaceSearch: Settings?.FaceSearch !== undefined,
      };
    } catch (error) {
      if (isResponse(error) && error.name === "ResourceNotFoundException") return undefined;
      throw error;
    }
  },

  /** @throws the client's error when it is throttled or there is no response */
  stopProcessor: (processorName: string): Promise<StopResult> => stopProcessor(client, processorName),

  /** The names of the account's processors that begin with a prefix. @throws the client's error */
  async processorNames(prefix: string): Promise<string[]> {
    const names: string[] = [];
    for await (const { StreamProcessors = [] } of paginateListStreamProcessors({ client }, {}))
      names.push(...StreamProcessors.flatMap(({ Name = "" }) => (Name.startsWith(prefix) ? [Name] : [])));
    return names;
  },
});
