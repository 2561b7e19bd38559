import { fileURLToPath } from "node:url";

/** A drawn clip of two seconds with a person; the same path in the project and in the npm package. */
export const PROOF_CLIP = fileURLToPath(new URL("../resources/proof/second.mp4", import.meta.url));

/** A second each of a drawn person, cat and parcel. */
export const LABELS_CLIP = fileURLToPath(new URL("../resources/proof/labels.mp4", import.meta.url));
