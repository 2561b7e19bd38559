import { RekognitionClient } from "@aws-sdk/client-rekognition";
import { S3Client } from "@aws-sdk/client-s3";
import { errorMessage } from "../../base/errors.ts";
import { removeProcessor } from "../../operator/label-processor.ts";
import type { Context } from "./context.ts";
import { keysOf, keysUnder, removeKeys } from "./quiet-hour.ts";

/** What was removed, and what is left, with the reason. */
export interface Removal {
  readonly removed: string[];
  readonly left: string[];
}

/**
 * Removes everything that the proof has created. A part that cannot be removed does not keep the others from it.
 * @param existingKeys the objects that were in the quiet hour's partitions before the proof
 */
export async function removeMarks(existingKeys: readonly string[], context: Context): Promise<Removal> {
  const { fleet, config, created, quiet, clock, onProgress } = context;
  const { EvidenceBucketName, LakeBucketName } = fleet.outputs;
  const removal: Removal = { removed: [], left: [] };
  const s3 = new S3Client(config);
  const rekognition = new RekognitionClient(config);
  const attempt = async (what: string, step: () => Promise<boolean>): Promise<void> => {
    onProgress(`removing ${what}`);
    try {
      if (await step()) removal.removed.push(what);
    } catch (error) {
      removal.left.push(`${what}: ${errorMessage(error)}`);
    }
  };
  const { cameraId, processorName } = created;
  if (processorName !== undefined)
    await attempt(`the processor ${rivalOf(processorName)}`, () =>
      removeProcessor(rivalOf(processorName), rekognition, clock),
    );
  await attempt(`the camera ${cameraId}`, async () => {
    const { record, processor, stream } = await fleet.remove(created, { isForgotten: true });
    return record || processor || stream;
  });
  if (processorName !== undefined)
    await attempt("its evidence", async () => {
      const keys = await keysUnder(`evidence/${processorName}/`, EvidenceBucketName, s3);
      await removeKeys(keys, EvidenceBucketName, s3);
      return keys.length > 0;
    });
  await attempt(`its objects in the lake, dt=${quiet.dt}/hour=${quiet.hour}`, async () => {
    const keys = (await keysOf(quiet, LakeBucketName, s3)).filter((key) => !existingKeys.includes(key));
    await removeKeys(keys, LakeBucketName, s3);
    return keys.length > 0;
  });
  for (const client of [s3, rekognition]) client.destroy();
  removal.left.push(`s3://${LakeBucketName}/raw/ keeps the notifications, whose stream is …${cameraId}`);
  return removal;
}

/** The name of a second processor on the same stream. */
export const rivalOf = (processorName: string): string => `${processorName}-rival`;
