import { RekognitionClient } from "@aws-sdk/client-rekognition";
import { S3Client } from "@aws-sdk/client-s3";
import { removeProcessor } from "../../operator/label-processor.ts";
import type { Context } from "./context.ts";
import { keysOf, keysUnder, removeKeys } from "./quiet-hour.ts";

/** What was removed, and what is left with the reason. */
export interface Removal {
  readonly removed: string[];
  readonly left: string[];
}

/**
 * Removes everything that the proof has made; goes on behind what cannot be removed, and tells it.
 * @param keysBefore what was in the partitions of the quiet hour before
 */
export async function removeMarks(keysBefore: readonly string[], context: Context): Promise<Removal> {
  const { fleet, config, made, quiet, onProgress } = context;
  const { EvidenceBucketName, LakeBucketName } = fleet.outputs;
  const removal: Removal = { removed: [], left: [] };
  const s3 = new S3Client(config);
  const rekognition = new RekognitionClient(config);
  const attempt = async (what: string, step: () => Promise<boolean>): Promise<void> => {
    onProgress(`${what} is removed`);
    try {
      if (await step()) removal.removed.push(what);
    } catch (error) {
      removal.left.push(`${what}: ${(error as Error).message}`);
    }
  };
  const { cameraId, processorName } = made;
  if (processorName !== undefined)
    await attempt(`the processor ${rivalOf(processorName)}`, () =>
      removeProcessor(rivalOf(processorName), rekognition),
    );
  await attempt(`the camera ${cameraId}`, async () => {
    const { record, processor, stream } = await fleet.remove(made);
    return record || processor || stream;
  });
  if (processorName !== undefined)
    await attempt("its evidence", async () => {
      const keys = await keysUnder(`evidence/${processorName}/`, EvidenceBucketName, s3);
      await removeKeys(keys, EvidenceBucketName, s3);
      return keys.length > 0;
    });
  await attempt(`its objects in the lake, dt=${quiet.dt}/hour=${quiet.hour}`, async () => {
    const keys = (await keysOf(quiet, LakeBucketName, s3)).filter((key) => !keysBefore.includes(key));
    await removeKeys(keys, LakeBucketName, s3);
    return keys.length > 0;
  });
  for (const client of [s3, rekognition]) client.destroy();
  removal.left.push(`s3://${LakeBucketName}/raw/ has the notifications, whose stream is …${cameraId}`);
  return removal;
}

/** The processor that is asked for on the stream of another. */
export const rivalOf = (processorName: string): string => `${processorName}-rival`;
