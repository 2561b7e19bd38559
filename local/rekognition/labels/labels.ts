import type { Box } from "../detection/detector.ts";
import type { LabelClass } from "./taxonomy.ts";

/** An object in an image. */
export interface LabelledObject {
  readonly label: LabelClass;
  /** 0..100 */
  readonly confidence: number;
  readonly box: Box;
}

/** What a response contains (documented: DetectLabels, DetectLabelsSettings). */
export interface LabelFilter {
  readonly maxLabels: number;
  /** 0..100 */
  readonly minConfidence: number;
  /** Names; empty for all. */
  readonly inclusions: readonly string[];
  readonly exclusions: readonly string[];
  readonly categoryInclusions: readonly string[];
  readonly categoryExclusions: readonly string[];
}

/** A label of the response, in AWS's members. */
export interface Label {
  readonly Name: string;
  readonly Confidence: number;
  readonly Instances: readonly { readonly BoundingBox: object; readonly Confidence: number }[];
  readonly Parents: readonly { readonly Name: string }[];
  readonly Aliases: readonly { readonly Name: string }[];
  readonly Categories: readonly { readonly Name: string }[];
}

/**
 * The labels of an image: one for each class with its objects as instances, and one without instances for each of its
 * parents, whose confidence is that of the class (documented: every ancestor is a label). Highest confidence first.
 */
export function labelsOf(objects: readonly LabelledObject[], filter: LabelFilter): Label[] {
  const found = objects
    .filter(({ confidence }) => confidence >= filter.minConfidence)
    .toSorted((a, b) => b.confidence - a.confidence);
  const labels = new Map<string, Label>();
  for (const [{ name, parents, aliases, category }, of] of Map.groupBy(found, ({ label }) => label))
    labels.set(name, {
      Name: name,
      Confidence: of[0]!.confidence,
      Instances: of.map(({ box, confidence }) => ({ BoundingBox: boundingBox(box), Confidence: confidence })),
      ...namesOf(parents, aliases, category),
    });
  for (const { label, confidence } of found)
    for (const [index, name] of label.parents.entries())
      if (!labels.has(name))
        labels.set(name, {
          Name: name,
          Confidence: confidence,
          Instances: [],
          ...namesOf(label.parents.slice(index + 1), [], label.category),
        });
  return [...labels.values()]
    .filter((one) => isWanted(one, filter))
    .toSorted((a, b) => b.Confidence - a.Confidence)
    .slice(0, filter.maxLabels);
}

const named = (names: readonly string[]) => names.map((Name) => ({ Name }));

const namesOf = (parents: readonly string[], aliases: readonly string[], category: string) => ({
  Parents: named(parents),
  Aliases: named(aliases),
  Categories: named([category]),
});

const boundingBox = ({ left, top, width, height }: Box) => ({
  Left: left,
  Top: top,
  Width: width,
  Height: height,
});

function isWanted({ Name, Categories }: Label, filter: LabelFilter): boolean {
  const includes = (names: readonly string[], any: readonly { readonly Name: string }[]) =>
    any.some((one) => names.includes(one.Name));
  const { inclusions, exclusions, categoryInclusions, categoryExclusions } = filter;
  const isIncluded =
    (inclusions.length === 0 && categoryInclusions.length === 0) ||
    inclusions.includes(Name) ||
    includes(categoryInclusions, Categories);
  return isIncluded && !exclusions.includes(Name) && !includes(categoryExclusions, Categories);
}
