import * as v from "valibot";

const epochMs = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/**
 * A person's id: random, so that it says nothing about them. It is the user id and the external image id in the collection
 * (documented: no personal data in these, Rekognition guide, "Data protection") and stands in the lake.
 */
export const personId = v.pipe(
  v.string(),
  v.regex(/^person-[0-9a-f]{20}$/, "expected person- and 20 hexadecimal digits"),
);

/** Stands for everyone who is enrolled. */
export const KNOWN_PERSON = "known";

/** Stands for the person of a face that was searched and matches nobody. */
export const UNKNOWN_PERSON = "unknown";

/** Whose face a camera has seen: an enrolled person's, by id, or an unknown person's. */
export const seenPerson = v.union([personId, v.literal(UNKNOWN_PERSON)]);

export type SeenPerson = v.InferOutput<typeof seenPerson>;

/** The name by which people of the house know a person. */
export const personName = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1, "expected a name"),
  v.maxLength(100, "expected at most 100 characters"),
  v.regex(/^[^\p{Cc}\p{Cf}]*$/u, "expected a name without control characters"),
);

/** What two spellings of one name have in common: `Ada Lovelace`, `ada-lovelace` and `ADA_LOVELACE` are one person. */
export const nameKey = (name: string): string =>
  name
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, " ")
    .trim();

/** The consent without which no face is stored. */
export const consent = v.strictObject({
  /** Who gave it: the person, or who may for them. */
  givenBy: v.pipe(v.string(), v.trim(), v.minLength(1, "expected who gave the consent"), v.maxLength(200)),
  givenAtMs: epochMs,
  /** Version of the wording that they have seen, e.g. 2026-11. */
  wording: v.pipe(
    v.string(),
    v.trim(),
    v.minLength(1, "expected the version of the wording"),
    v.maxLength(100),
  ),
  /** When it expires: the person is then forgotten. */
  expiresAtMs: epochMs,
});

export type Consent = v.InferOutput<typeof consent>;

/** An enrolled person: one item of the persons' table, the only place with their name. */
const person = v.strictObject({
  personId,
  /** Grows by one with every write, which makes the next write conditional. */
  version: v.pipe(v.number(), v.integer(), v.minValue(1)),
  name: personName,
  consent,
  createdAtMs: epochMs,
  /** Last day, epoch milliseconds at its begin, on which a camera recognised them; absent if none has. */
  lastSeenAtMs: v.optional(epochMs),
});

export type Person = v.InferOutput<typeof person>;

/** What is kept of a person who turned out to be another: rows of late records with the id are the other's. */
const mergedPerson = v.strictObject({
  personId,
  version: v.pipe(v.number(), v.integer(), v.minValue(1)),
  mergedInto: personId,
});

export type MergedPerson = v.InferOutput<typeof mergedPerson>;

/** How far a person is forgotten, each step after the one before. */
const FORGET_STEPS = ["collection", "lake", "errors", "verify", "done"] as const;

/**
 * What is kept of a person who is forgotten: the id, which is random, so that no late record brings rows back, and how far
 * the work is. It holds no name.
 */
const forgottenPerson = v.strictObject({
  personId,
  version: v.pipe(v.number(), v.integer(), v.minValue(1)),
  forgottenAtMs: epochMs,
  /** Why: requested, the consent's expiry, or that no camera has seen them for as long as known faces are kept. */
  reason: v.picklist(["requested", "consent-expired", "not-seen"]),
  /** The step that is next. */
  step: v.picklist(FORGET_STEPS),
  /** The ids whose faces and rows are removed: the person's and those of persons merged into it. */
  ids: v.array(personId),
  /** The objects of the lake up to this key hold no row of the person; absent if none is checked yet. */
  lakeCursor: v.optional(v.string()),
  /** What was removed so far. What a run removed just before it was interrupted may be missing. */
  removed: v.optional(
    v.strictObject({
      faces: v.optional(v.number(), 0),
      users: v.optional(v.number(), 0),
      rows: v.optional(v.number(), 0),
      files: v.optional(v.number(), 0),
      errorLines: v.optional(v.number(), 0),
    }),
    {},
  ),
  /** When nothing was found any more. */
  doneAtMs: v.optional(epochMs),
});

export type ForgottenPerson = v.InferOutput<typeof forgottenPerson>;

/** An item of the persons' table. */
export const personRecord = v.union([person, mergedPerson, forgottenPerson]);

export type PersonRecord = v.InferOutput<typeof personRecord>;

export const isPerson = (record: PersonRecord): record is Person => "name" in record;
export const isMerged = (record: PersonRecord): record is MergedPerson => "mergedInto" in record;
export const isForgotten = (record: PersonRecord): record is ForgottenPerson => "forgottenAtMs" in record;
