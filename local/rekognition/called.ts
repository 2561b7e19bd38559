import type { FinishedCall } from "../api/json.ts";
import { AwsError } from "../errors.ts";

const THROTTLED = ["ProvisionedThroughputExceededException", "ThrottlingException"];

/** What the event `called` says of a call, and the metrics of AWS/Rekognition with it. */
export function called({ action, durationMs, output, error }: FinishedCall): Record<string, unknown> {
  return {
    operation: action,
    outcome: error === undefined ? "successful" : outcomeOf(error),
    durationMs,
    ...detected(action, output),
  };
}

function outcomeOf(error: unknown): "throttled" | "user-error" | "server-error" {
  if (!(error instanceof AwsError)) return "server-error";
  if (THROTTLED.includes(error.code)) return "throttled";
  return error.status < 500 ? "user-error" : "server-error";
}

/** How many faces or labels an image showed, for the operations that have a metric of it (documented: CloudWatch metrics). */
function detected(action: string, output: unknown): { detectedFaces?: number; detectedLabels?: number } {
  const { FaceDetails, FaceRecords, UnindexedFaces, Labels } = (output ?? {}) as Readonly<
    Record<string, readonly unknown[] | undefined>
  >;
  if (action === "DetectLabels" && Labels) return { detectedLabels: Labels.length };
  if (action === "DetectFaces" && FaceDetails) return { detectedFaces: FaceDetails.length };
  if (action === "IndexFaces" && FaceRecords)
    return { detectedFaces: FaceRecords.length + (UnindexedFaces?.length ?? 0) };
  return {};
}
