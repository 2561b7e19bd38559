import { RekognitionClient, StartStreamProcessorCommand } from "@aws-sdk/client-rekognition";

const client = new RekognitionClient({});

export interface LabelSession {
  readonly processorName: string;
  /** Producer time of the first video to analyse, epoch **milliseconds**. */
  readonly videoStartMs: number;
  /** 1 to 120. */
  readonly maxDurationSeconds: number;
}

/** What came of asking for a session. */
export type StartOutcome =
  | { readonly kind: "started"; readonly sessionId: string }
  /** The account's rate or its number of running processors is used up. */
  | { readonly kind: "throttled" }
  /** The processor has not finished its last run. */
  | { readonly kind: "busy" }
  | { readonly kind: "refused"; readonly reason: string };

/**
 * Starts a label detection session. It ends by itself at its longest duration, and a wrong role or stream shows only
 * later, as a failed processor (documented: StartStreamProcessor and the guide's "Troubleshooting streaming video").
 */
export async function startLabelSession(session: LabelSession): Promise<StartOutcome> {
  try {
    const { SessionId } = await client.send(
      new StartStreamProcessorCommand({
        Name: session.processorName,
        StartSelector: { KVSStreamStartSelector: { ProducerTimestamp: session.videoStartMs } },
        StopSelector: { MaxDurationInSeconds: session.maxDurationSeconds },
      }),
    );
    return SessionId
      ? { kind: "started", sessionId: SessionId }
      : { kind: "refused", reason: "Rekognition answered without a SessionId" };
  } catch (error) {
    return outcomeOf(error);
  }
}

function outcomeOf(error: unknown): StartOutcome {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  switch (name) {
    case "ResourceInUseException":
      return { kind: "busy" };
    // Which error tells of full concurrency is not documented for Start; both that exist elsewhere are taken for it.
    case "ThrottlingException":
    case "ProvisionedThroughputExceededException":
    case "LimitExceededException":
    case "ServiceQuotaExceededException":
      return { kind: "throttled" };
    default:
      return { kind: "refused", reason: `${name}: ${message}` };
  }
}
