import type { personsTable } from "../aws/persons.ts";
import type { Clock } from "../base/clock.ts";
import { secureBytes } from "../base/random.ts";
import { isPerson, type Consent, type Person } from "../schemas/person.ts";
import type { FaceCollection, StoredFace } from "./face-collection.ts";
import type { Picture } from "./face-pictures.ts";

/** A person to enrol, with the consent that they have given. */
export interface ToEnrol {
  readonly name: string;
  /** Their record, if they are enrolled already; its consent is replaced if the given one is another. */
  readonly known: Person | undefined;
  readonly consent: Consent;
  readonly pictures: readonly Picture[];
}

/** What became of a picture: its face is stored now, was stored before, or is not stored. */
export type PictureOutcome =
  | { readonly path: string; readonly outcome: "indexed" | "known" }
  | { readonly path: string; readonly outcome: "refused"; readonly reason: string };

/** What became of a person. */
export interface Enrolled {
  /** Undefined if they are not enrolled: none of their pictures shows a face that can be stored. */
  readonly person: Person | undefined;
  readonly isNew: boolean;
  readonly isRenewed: boolean;
  readonly pictures: readonly PictureOutcome[];
}

type Collection = Pick<
  FaceCollection,
  "checkOneFace" | "index" | "createUser" | "associate" | "deleteFaces" | "deleteUser"
>;
type Persons = Pick<ReturnType<typeof personsTable>, "find" | "put" | "takeBack">;

interface Ports {
  readonly persons: Persons;
  readonly collection: Collection;
  readonly clock: Clock;
  readonly newId?: () => string;
}

export interface EnrolOptions {
  /** Aborts between two pictures; what is stored by then is completed. */
  readonly signal: AbortSignal;
  readonly onPicture?: (outcome: PictureOutcome) => void;
}

/** 80 random bits: says nothing about the person. */
const newPersonId = (): string => `person-${secureBytes(10).toString("hex")}`;

const INTERRUPTED = "interrupted; run it again";

/**
 * Enrols a person: the record with the consent first, then the faces, then the user that joins them. Each step may be the
 * last one that is done: running it again goes on from there, and changes nothing once all is done.
 * @param stored all faces of the collection
 */
export async function enrolPerson(
  { name, known, consent, pictures }: ToEnrol,
  stored: readonly StoredFace[],
  { persons, collection, clock, newId = newPersonId }: Ports,
  { signal, onPicture }: EnrolOptions,
): Promise<Enrolled> {
  const outcomes = new Map<string, PictureOutcome>();
  const settle = (outcome: PictureOutcome): void => {
    outcomes.set(outcome.path, outcome);
    onPicture?.(outcome);
  };
  const refuse = (path: string, reason: string): void => settle({ path, outcome: "refused", reason });

  const fit = [];
  for (const { path, read } of pictures) {
    if (signal.aborted) {
      refuse(path, INTERRUPTED);
      continue;
    }
    const picture = await read();
    if (picture.kind === "unusable") {
      refuse(path, picture.reason);
      continue;
    }
    const checked = await collection.checkOneFace(picture.image);
    if (checked.kind === "refused") refuse(path, checked.reason);
    else fit.push({ path, image: picture.image });
  }
  const isRenewed = known !== undefined && consent !== known.consent;
  const result = (person: Person | undefined): Enrolled => ({
    person,
    isNew: known === undefined && person !== undefined,
    isRenewed: isRenewed && person !== undefined,
    pictures: pictures.map(({ path }) => outcomes.get(path)!),
  });
  if (known === undefined && fit.length === 0) return result(undefined);

  const person: Person = known
    ? isRenewed
      ? { ...known, version: known.version + 1, consent }
      : known
    : { personId: newId(), version: 1, name, consent, createdAtMs: clock.now() };
  if (person !== known && !(await persons.put(person)))
    throw new Error(`${name}'s record was changed meanwhile; run it again`);
  const { personId } = person;

  // Of earlier runs, and of one that ended before it had joined them.
  const joined = new Set(stored.filter((face) => face.personId === personId).map(({ faceId }) => faceId));
  const loose = stored
    .filter((face) => face.personId === undefined && face.enrolledFor === personId)
    .map(({ faceId }) => faceId);
  const pathOf = new Map<string, string>();
  for (const { path, image } of fit) {
    if (signal.aborted) {
      refuse(path, INTERRUPTED);
      continue;
    }
    const indexed = await collection.index(image, personId);
    if (indexed.kind === "refused") refuse(path, indexed.reason);
    else if (joined.has(indexed.faceId) || pathOf.has(indexed.faceId)) settle({ path, outcome: "known" });
    else pathOf.set(indexed.faceId, path);
  }

  const toJoin = [...new Set([...loose, ...pathOf.keys()])];
  const failed = new Map<string, { readonly reason: string; readonly isOthers: boolean }>();
  if (toJoin.length > 0) {
    await collection.createUser(personId);
    for (const [faceId, problem] of await collection.associate(personId, toJoin)) failed.set(faceId, problem);
    await collection.deleteFaces(
      [...failed].filter(([, { isOthers }]) => !isOthers).map(([faceId]) => faceId),
    );
  }
  const added = toJoin.filter((faceId) => !failed.has(faceId));

  const now = await persons.find(personId);
  const isGone = now === undefined || !isPerson(now);
  if (isGone && toJoin.length > 0) {
    await collection.deleteUser(personId);
    await collection.deleteFaces(added);
  }
  for (const [faceId, path] of pathOf) {
    const problem = isGone ? "the person was forgotten or merged meanwhile" : failed.get(faceId)?.reason;
    if (problem === undefined) settle({ path, outcome: "indexed" });
    else refuse(path, problem);
  }
  if (isGone) return result(undefined);
  if (joined.size + added.length > 0 || now.lastSeenAtMs !== undefined) return result(now);
  await collection.deleteUser(personId);
  await persons.takeBack(now);
  return result(undefined);
}
