import { MAX_FACES_OF_PERSON } from "../aws/enrolled-faces.ts";
import type { personsTable } from "../aws/persons.ts";
import { isMerged, isPerson, type MergedPerson, type Person } from "../schemas/person.ts";
import type { FaceCollection } from "./face-collection.ts";

/** Below this, two persons' faces do not look like one person's (documented: AssociateFaces, UserMatchThreshold). */
const ALIKE = 75;

interface Ports {
  readonly persons: Pick<ReturnType<typeof personsTable>, "find" | "put" | "list">;
  readonly collection: Pick<
    FaceCollection,
    "faces" | "similarity" | "createUser" | "associate" | "disassociate" | "deleteUser"
  >;
}

/** What a merge did. */
export interface Merged {
  readonly pictures: number;
  /** 0 to 100; undefined where one of them had no face. */
  readonly similarity: number | undefined;
}

/**
 * Makes two persons one: the faces of the first become the second's, the user of the first is deleted, and its record only
 * names the second. Running it again after an interruption goes on from there.
 * @throws Error when their faces are not alike, unless it is forced, or are too many for one person
 */
export async function mergePersons(
  from: Person | MergedPerson,
  into: Person,
  { persons, collection }: Ports,
  isForced: boolean,
): Promise<Merged> {
  const earlier = (await persons.list())
    .filter(isMerged)
    .filter(({ mergedInto }) => mergedInto === from.personId);
  const ids = new Set([from.personId, ...earlier.map(({ personId }) => personId)]);
  const faces = await collection.faces();
  const moved = faces.filter(({ personId, enrolledFor = "" }) =>
    personId === undefined ? ids.has(enrolledFor) : personId === from.personId,
  );
  const total = moved.length + faces.filter(({ personId }) => personId === into.personId).length;
  if (total > MAX_FACES_OF_PERSON)
    throw new Error(
      `together they have ${total} pictures, and a person has at most ${MAX_FACES_OF_PERSON}; nothing was changed`,
    );
  const similarity = await collection.similarity(from.personId, into.personId);
  if (similarity !== undefined && similarity < ALIKE && !isForced)
    throw new Error(
      `their faces do not look like one person's: similarity ${similarity.toFixed(1)} %, expected at least ${ALIKE} %; nothing was changed. --force merges them nevertheless`,
    );

  const faceIds = moved.map(({ faceId }) => faceId);
  const own = moved.filter(({ personId }) => personId !== undefined).map(({ faceId }) => faceId);
  if (own.length > 0) await collection.disassociate(from.personId, own);
  if (faceIds.length > 0) {
    await collection.createUser(into.personId);
    const [failed] = await collection.associate(into.personId, faceIds, 0);
    if (failed)
      throw new Error(
        `a face could not be moved: ${failed[1].reason}; run it again, which goes on from here`,
      );
    await keepOfForgotten(from, into, faceIds, { persons, collection });
  }
  await collection.deleteUser(from.personId);
  if (isPerson(from)) await keepLastSeen(from, into, persons);
  await replaceRecords(isPerson(from) ? [...earlier, from] : earlier, into, persons);
  return { pictures: faceIds.length, similarity };
}

/**
 * Takes the faces back if the other person is forgotten or merged by now: their user may have been deleted before it got them,
 * so that nothing would forget these faces any more.
 * @throws Error in that case
 */
async function keepOfForgotten(
  from: Person | MergedPerson,
  into: Person,
  faceIds: readonly string[],
  { persons, collection }: Ports,
): Promise<void> {
  const now = await persons.find(into.personId);
  if (now && isPerson(now)) return;
  await collection.disassociate(into.personId, faceIds);
  await collection.deleteUser(into.personId);
  if (isPerson(from)) {
    await collection.createUser(from.personId);
    await collection.associate(from.personId, faceIds, 0);
  }
  throw new Error(`${into.personId} was forgotten or merged meanwhile; nothing was changed`);
}

/** Points the records of a merged person, and of those merged into them before, at the other person. */
async function replaceRecords(
  all: readonly (Person | MergedPerson)[],
  into: Person,
  persons: Ports["persons"],
): Promise<void> {
  for (const { personId, version } of all)
    if (!(await persons.put({ personId, version: version + 1, mergedInto: into.personId })))
      throw new Error("a record was changed meanwhile; run it again, which goes on from here");
}

async function keepLastSeen(
  { lastSeenAtMs = 0 }: Person,
  into: Person,
  persons: Ports["persons"],
): Promise<void> {
  const now = await persons.find(into.personId);
  if (!now || !isPerson(now) || (now.lastSeenAtMs ?? 0) >= lastSeenAtMs) return;
  // If another writer is faster, it has just seen them.
  await persons.put({ ...now, version: now.version + 1, lastSeenAtMs });
}
