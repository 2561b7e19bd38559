import { FRAMES_REGIONS, LABEL_REGIONS, LABEL_REGIONS_AS_OF } from "../../schemas/regions.ts";

/** Why a stack in this Region could analyse nothing: no engine works there. Undefined if one does. */
export function regionProblem(region: string): string | undefined {
  if (Object.hasOwn(FRAMES_REGIONS, region) || Object.hasOwn(LABEL_REGIONS, region)) return undefined;
  return (
    `no engine works in ${region}: the engine frames needs Kinesis Video Streams and Rekognition's DetectLabels, the engine ` +
    `stream-processor Rekognition's label detection in streaming video (documented, as of ${LABEL_REGIONS_AS_OF}); ` +
    `choose one of ${Object.keys(FRAMES_REGIONS).join(", ")} with --region`
  );
}
