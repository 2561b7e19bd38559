import type { LabelName } from "../detection/detector.ts";

/** A label of Rekognition's list, without what was found of it. */
export interface LabelClass {
  readonly name: string;
  /** All of them, nearest first. Each is a label of its own as well. */
  readonly parents: readonly string[];
  readonly aliases: readonly string[];
  readonly category: string;
}

const label = (
  name: string,
  category: string,
  parents: readonly string[] = [],
  aliases: readonly string[] = [],
): LabelClass => ({ name, parents, aliases, category });

const PEOPLE = "Person Description";
const ANIMALS = "Animals and Pets";
const VEHICLES = "Vehicles and Automotive";
const FURNITURE = "Furniture and Furnishings";
const APPAREL = "Apparel and Accessories";

/**
 * The labels of the object model's classes, by their number in COCO. Person, Car and Dog are as in examples of the
 * Rekognition guide ("Detecting labels in an image"); that the others have these parents and categories is unconfirmed.
 */
export const MODEL_LABELS: Readonly<Record<number, LabelClass>> = {
  1: label("Person", PEOPLE, [], ["Human"]),
  2: label("Bicycle", VEHICLES, ["Vehicle", "Transportation"], ["Bike"]),
  3: label("Car", VEHICLES, ["Vehicle", "Transportation"], ["Automobile"]),
  4: label("Motorcycle", VEHICLES, ["Vehicle", "Transportation"]),
  6: label("Bus", VEHICLES, ["Vehicle", "Transportation"]),
  8: label("Truck", VEHICLES, ["Vehicle", "Transportation"]),
  15: label("Bench", FURNITURE, ["Furniture"]),
  16: label("Bird", ANIMALS, ["Animal"]),
  17: label("Cat", ANIMALS, ["Pet", "Mammal", "Animal"]),
  18: label("Dog", ANIMALS, ["Pet", "Canine", "Mammal", "Animal"]),
  19: label("Horse", ANIMALS, ["Mammal", "Animal"]),
  20: label("Sheep", ANIMALS, ["Mammal", "Animal"]),
  21: label("Cattle", ANIMALS, ["Mammal", "Animal"]),
  23: label("Bear", ANIMALS, ["Mammal", "Animal"]),
  27: label("Backpack", APPAREL, ["Bag"]),
  28: label("Umbrella", APPAREL, ["Canopy"]),
  31: label("Handbag", APPAREL, ["Bag", "Accessories"], ["Purse"]),
  33: label("Suitcase", APPAREL, ["Luggage", "Baggage"]),
  62: label("Chair", FURNITURE, ["Furniture"]),
  63: label("Couch", FURNITURE, ["Furniture"]),
  64: label("Potted Plant", "Plants and Flowers", ["Plant"]),
};

/** The labels of a clip's labels file. */
export const CLIP_LABELS: Readonly<Record<LabelName, LabelClass>> = {
  PERSON: MODEL_LABELS[1]!,
  PET: label("Pet", ANIMALS, ["Animal"]),
  PACKAGE: label("Package", "Packaging", ["Box"], ["Parcel"]),
};
