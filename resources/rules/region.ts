import { LABEL_REGIONS, LABEL_REGIONS_AS_OF } from "../../schemas/regions.ts";

/** Why a stack in this Region could analyse nothing: the Region has no label stream processors. Undefined if it has. */
export function regionProblem(region: string): string | undefined {
  if (Object.hasOwn(LABEL_REGIONS, region)) return undefined;
  return (
    `Rekognition does not detect labels in streaming video in ${region} (documented, as of ${LABEL_REGIONS_AS_OF}); ` +
    `choose one of ${Object.keys(LABEL_REGIONS).join(", ")} with --region`
  );
}
