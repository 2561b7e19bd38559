import { AwsError } from "../errors.ts";
import type { Stream } from "./streams.ts";

/**
 * Archived media is only there in streams that retain data.
 * @throws AwsError ResourceNotFoundException: of the errors documented for ListFragments and GetMediaForFragmentList
 * the nearest; which one AWS gives is unconfirmed
 */
export function requireRetention({ name, retentionHours }: Stream): void {
  if (retentionHours === 0)
    throw new AwsError(
      "ResourceNotFoundException",
      `The stream ${name} retains no data: its DataRetentionInHours is 0; raise it with UpdateDataRetention.`,
      404,
    );
}
