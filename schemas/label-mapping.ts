/** Which names of Rekognition's list of labels the engine `frames` accepts for each of Doorstep's own labels. */

import type { LABELS } from "./camera.ts";

/** A name of Rekognition's list (Rekognition guide, "Detecting labels": AmazonRekognitionLabels_v3.0.zip). */
interface MappedName {
  readonly name: string;
  /** How well it is supported that Rekognition's list has the name, spelled like this. */
  readonly standing: "documented" | "observed" | "unconfirmed";
  /** Whether DetectLabels gives boxes for it: for common objects, such as people and pets, it does (documented: Instance). */
  readonly boxes: "documented" | "unconfirmed";
}

interface LabelMapping {
  readonly names: readonly MappedName[];
  /** Whether a name without any box counts too, with the whole frame as its box. */
  readonly isWholeFrameAccepted: boolean;
}

/**
 * Every ancestor of a label is a label itself (documented: a dog is also a Pet and an Animal), without boxes of its own.
 * So people and pets are counted by boxes. Which of the packages' names have boxes is unconfirmed, so these names also
 * count without.
 */
export const LABEL_MAPPING: Readonly<Record<(typeof LABELS)[number], LabelMapping>> = {
  PERSON: {
    names: [{ name: "Person", standing: "documented", boxes: "documented" }],
    isWholeFrameAccepted: false,
  },
  PET: {
    names: [
      { name: "Pet", standing: "documented", boxes: "unconfirmed" },
      { name: "Dog", standing: "documented", boxes: "documented" },
      { name: "Cat", standing: "documented", boxes: "documented" },
      { name: "Puppy", standing: "observed", boxes: "unconfirmed" },
      { name: "Kitten", standing: "unconfirmed", boxes: "unconfirmed" },
    ],
    isWholeFrameAccepted: false,
  },
  PACKAGE: {
    names: [
      { name: "Package", standing: "observed", boxes: "unconfirmed" },
      { name: "Cardboard", standing: "observed", boxes: "unconfirmed" },
      { name: "Carton", standing: "observed", boxes: "unconfirmed" },
      { name: "Box", standing: "unconfirmed", boxes: "unconfirmed" },
      { name: "Package Delivery", standing: "observed", boxes: "unconfirmed" },
    ],
    isWholeFrameAccepted: true,
  },
};
