import { DAY_MS, SECOND_MS } from "../../base/durations.ts";
import {
  isForgotten,
  isMerged,
  isPerson,
  type ForgottenPerson,
  type Person,
  type PersonRecord,
} from "../../schemas/person.ts";
import { ownerOf, type FaceRule } from "../lake/rewrite-faces.ts";
import {
  countErrorLines,
  countFaceRows,
  rewriteErrorFiles,
  rewriteFaceFiles,
  type FaceFiles,
} from "./face-files.ts";

/** The table of persons, as `aws/persons.ts` has it. */
export interface Persons {
  find(personId: string): Promise<PersonRecord | undefined>;
  /** @returns false when another writer was faster */
  put(record: PersonRecord): Promise<boolean>;
  list(): Promise<PersonRecord[]>;
}

/** A face of the collection. */
export interface CollectionFace {
  readonly faceId: string;
  /** The person as whom it was enrolled. */
  readonly externalImageId?: string | undefined;
  /** The person whose it is now. */
  readonly userId?: string | undefined;
}

/** The collection of enrolled faces. */
export interface FaceCollection {
  /** All faces that were enrolled as one of the persons or are theirs now. */
  facesOf(ids: ReadonlySet<string>): Promise<CollectionFace[]>;
  /** Of the persons, those that are users. */
  usersOf(ids: ReadonlySet<string>): Promise<string[]>;
  /** Takes faces from a user. Faces and users that are gone are fine. */
  disassociate(userId: string, faceIds: readonly string[]): Promise<void>;
  /** @returns false when there is none */
  deleteUser(userId: string): Promise<boolean>;
  /** Deletes faces that no user has. Those that are gone are fine. @throws Error that names a face that is left, and why */
  deleteFaces(faceIds: readonly string[]): Promise<void>;
}

/** What persons are forgotten with. */
export interface ForgetParts {
  now(): number;
  sleep(ms: number): Promise<void>;
  readonly persons: Persons;
  readonly collection: FaceCollection;
  readonly files: FaceFiles;
  /** How long rows that were under way when a person was forgotten take to the lake at most. */
  readonly settleMs: number;
  /** Ends the work between two files; what is done is kept. */
  readonly signal?: AbortSignal | undefined;
  readonly progress?: ((text: string) => void) | undefined;
}

/**
 * How long a row takes from a function to a file at most: the function's own run, Firehose's buffer before the transform of 60
 * seconds, the buffer after it, and time for a retry of each.
 * @param lakeBufferSeconds parameter LakeBufferSeconds
 */
export const settleMs = (lakeBufferSeconds: number): number => (lakeBufferSeconds + 120) * SECOND_MS;

/** What of a person is stored where. */
export interface ForgetCounts {
  readonly faces: number;
  readonly users: number;
  readonly rows: number;
  /** Files with such rows, also those that only an older version of has. */
  readonly files: number;
  readonly errorLines: number;
}

/** What is forgotten at all, and who was merged into whom: every rewrite of the lake applies all of it. */
export function faceRuleOf(records: readonly PersonRecord[], removeUnknown = false): FaceRule {
  const merged = new Map(records.filter(isMerged).map((one) => [one.personId, one.mergedInto]));
  const forgotten = new Set(records.filter(isForgotten).flatMap(({ personId, ids }) => [personId, ...ids]));
  return { forgotten, merged, removeUnknown };
}

/** The ids under which faces and rows of a person are stored: their own and those of persons merged into them. */
export function idsOf(personId: string, records: readonly PersonRecord[]): string[] {
  const { merged } = faceRuleOf(records);
  return [personId, ...[...merged.keys()].filter((id) => ownerOf(id, merged) === personId)];
}

/** Counts what is stored of some ids, and changes nothing. */
export async function countStored(
  { collection, files, signal }: Pick<ForgetParts, "collection" | "files" | "signal">,
  ids: ReadonlySet<string>,
): Promise<ForgetCounts> {
  const rule: FaceRule = { forgotten: ids, merged: new Map(), removeUnknown: false };
  const [faces, users] = await Promise.all([collection.facesOf(ids), collection.usersOf(ids)]);
  const lake = await countFaceRows(files, rule, { signal });
  const errorLines = await countErrorLines(files, ids, signal);
  return {
    faces: faces.length,
    users: users.length,
    rows: [...lake.rows.values()].reduce((sum, count) => sum + count, 0),
    files: lake.files,
    errorLines,
  };
}

/**
 * Replaces a person's record by that they are forgotten. From then on their name is gone, nobody recognises them, and no row
 * of them reaches the lake.
 * @param isDue whether the person as they are now is still to be forgotten: their consent may have been renewed meanwhile
 * @returns the record; of a person who is forgotten already, the one that there is; undefined if they are not due any more
 * @throws Error when there is no such person, or they were merged into another
 */
export async function beginForget(
  parts: Pick<ForgetParts, "persons" | "now">,
  personId: string,
  reason: ForgottenPerson["reason"],
  isDue: (person: Person) => boolean,
): Promise<ForgottenPerson | undefined>;
export async function beginForget(
  parts: Pick<ForgetParts, "persons" | "now">,
  personId: string,
  reason: ForgottenPerson["reason"],
): Promise<ForgottenPerson>;
export async function beginForget(
  { persons, now }: Pick<ForgetParts, "persons" | "now">,
  personId: string,
  reason: ForgottenPerson["reason"],
  isDue: (person: Person) => boolean = () => true,
): Promise<ForgottenPerson | undefined> {
  for (;;) {
    const found = await persons.find(personId);
    if (!found) throw new Error(`there is no person ${personId}; npx doorstep faces list`);
    if (isForgotten(found)) return found;
    if (isMerged(found))
      throw new Error(`${personId} was merged into ${found.mergedInto}; forget that person instead`);
    if (!isDue(found)) return undefined;
    const forgotten: ForgottenPerson = {
      personId,
      version: found.version + 1,
      forgottenAtMs: now(),
      reason,
      step: "collection",
      ids: idsOf(personId, await persons.list()),
      removed: NOTHING,
    };
    if (await persons.put(forgotten)) return forgotten;
  }
}

const NOTHING: ForgottenPerson["removed"] = { faces: 0, users: 0, rows: 0, files: 0, errorLines: 0 };

/**
 * Does what is left to do for persons who are forgotten, one step of `FORGET_STEPS` after the other, for all at the same
 * time. Each step can be repeated, and a record says which is next, so a run that was interrupted is continued by another.
 * @returns the records, all of them done
 * @throws the signal's reason; Error that names the store that still holds something
 */
export async function finishForgets(
  parts: ForgetParts,
  begun: readonly ForgottenPerson[],
): Promise<ForgottenPerson[]> {
  const work = new Forgets(parts, begun);
  await work.clearCollection();
  await work.settle();
  await work.clearLake();
  await work.clearErrors();
  await work.verify();
  return work.records;
}

/** The records of persons who are being forgotten, and their steps. */
class Forgets {
  readonly #parts: ForgetParts;
  readonly #records: Map<string, ForgottenPerson>;

  constructor(parts: ForgetParts, records: readonly ForgottenPerson[]) {
    this.#parts = parts;
    this.#records = new Map(records.map((one) => [one.personId, one]));
  }

  get records(): ForgottenPerson[] {
    return [...this.#records.values()];
  }

  async clearCollection(): Promise<void> {
    for (const { personId, ids } of this.#at("collection")) {
      this.#parts.signal?.throwIfAborted();
      this.#parts.progress?.("removing faces from the collection");
      const { faces, users } = await clearCollection(this.#parts.collection, new Set(ids));
      await this.#update(personId, ({ removed }) => ({
        step: "lake",
        removed: { ...removed, faces: removed.faces + faces, users: removed.users + users },
      }));
    }
  }

  /** Waits until rows that were under way are in files. */
  async settle(): Promise<void> {
    const { now, sleep, settleMs, progress, signal } = this.#parts;
    const untilMs = Math.max(...this.#at("lake").map(({ forgottenAtMs }) => forgottenAtMs + settleMs));
    for (let leftMs = untilMs - now(); leftMs > 0; leftMs = untilMs - now()) {
      signal?.throwIfAborted();
      progress?.(`waiting ${Math.ceil(leftMs / SECOND_MS)} s for rows on their way to the lake`);
      await sleep(Math.min(leftMs, SECOND_MS));
    }
  }

  async clearLake(): Promise<void> {
    const { files, persons, signal, progress } = this.#parts;
    const atLake = this.#at("lake");
    if (atLake.length === 0) return;
    // One walk serves all: it begins where the first of them is.
    const cursors = atLake.map(({ lakeCursor }) => lakeCursor ?? "");
    const after = cursors.reduce((first, one) => (one < first ? one : first));
    const ids = atLake.map(({ personId }) => personId);
    const currentRule = async () => faceRuleOf(await persons.list());
    await rewriteFaceFiles(files, currentRule, {
      ...(after !== "" && { after }),
      signal,
      onRewritten: async ({ removed: rows }) => {
        for (const personId of ids) {
          const own = this.#records.get(personId)!.ids.reduce((sum, id) => sum + (rows.get(id) ?? 0), 0);
          if (own > 0)
            await this.#update(personId, ({ removed }) => ({
              removed: { ...removed, rows: removed.rows + own, files: removed.files + 1 },
            }));
        }
      },
      onDone: async (lakeCursor, count) => {
        progress?.(`${count} files of the lake checked`);
        for (const personId of ids) await this.#update(personId, () => ({ lakeCursor }));
      },
    });
    for (const personId of ids)
      await this.#update(personId, () => ({ step: "errors", lakeCursor: undefined }));
  }

  async clearErrors(): Promise<void> {
    const { files, signal, progress } = this.#parts;
    const atErrors = this.#at("errors");
    if (atErrors.length === 0) return;
    progress?.("checking records that could not be delivered");
    const lines = await rewriteErrorFiles(files, new Set(atErrors.flatMap(({ ids }) => ids)), signal);
    for (const { personId, ids } of atErrors) {
      const own = ids.reduce((sum, id) => sum + (lines.get(id) ?? 0), 0);
      await this.#update(personId, ({ removed }) => ({
        step: "verify",
        removed: { ...removed, errorLines: removed.errorLines + own },
      }));
    }
  }

  /** @throws Error that names the store that holds something; the work then begins again with that step */
  async verify(): Promise<void> {
    const atVerify = this.#at("verify");
    if (atVerify.length === 0) return;
    this.#parts.progress?.("verifying that nothing is left");
    const left = await countStored(this.#parts, new Set(atVerify.flatMap(({ ids }) => ids)));
    const step = stepFor(left);
    const nowMs = this.#parts.now();
    for (const { personId } of atVerify)
      await this.#update(personId, () => (step === "done" ? { step, doneAtMs: nowMs } : { step }));
    if (step !== "done") throw new Error(`${leftText(left)}; run it again`);
  }

  #at(step: ForgottenPerson["step"]): ForgottenPerson[] {
    return this.records.filter((one) => one.step === step);
  }

  /** Writes a record's next version, from the one that there is: another run may work on the same person. */
  async #update(
    personId: string,
    change: (record: ForgottenPerson) => Partial<ForgottenPerson>,
  ): Promise<void> {
    for (;;) {
      const known = this.#records.get(personId)!;
      const next = { ...known, ...change(known), version: known.version + 1 };
      if (await this.#parts.persons.put(next)) {
        this.#records.set(personId, next);
        return;
      }
      const found = await this.#parts.persons.find(personId);
      if (!found || !isForgotten(found)) throw new Error(`the record of ${personId} is gone; run it again`);
      this.#records.set(personId, found);
    }
  }
}

/** Removes the faces and users of some ids. A face that a user has is not deleted (documented: DeleteFaces). */
async function clearCollection(
  collection: FaceCollection,
  ids: ReadonlySet<string>,
): Promise<Pick<ForgetCounts, "faces" | "users">> {
  const faces = await collection.facesOf(ids);
  const ofUsers = Map.groupBy(
    faces.filter(({ userId }) => userId !== undefined),
    ({ userId }) => userId!,
  );
  for (const [userId, own] of ofUsers)
    await collection.disassociate(
      userId,
      own.map(({ faceId }) => faceId),
    );
  let users = 0;
  for (const id of ids) if (await collection.deleteUser(id)) users++;
  if (faces.length > 0) await collection.deleteFaces(faces.map(({ faceId }) => faceId));
  const left = await collection.facesOf(ids);
  if (left.length > 0) throw new Error(`the collection still has ${left.length} faces; run it again`);
  return { faces: faces.length, users };
}

/** The step that removes what is left. */
const stepFor = ({ faces, users, rows, files, errorLines }: ForgetCounts): ForgottenPerson["step"] =>
  faces + users > 0 ? "collection" : rows + files > 0 ? "lake" : errorLines > 0 ? "errors" : "done";

const leftText = ({ faces, users, rows, files, errorLines }: ForgetCounts): string =>
  faces + users > 0
    ? `the collection still has ${faces} faces and ${users} users of the person`
    : rows + files > 0
      ? `the lake still has ${rows} rows of the person, in ${files} files`
      : `the lake's errors still have ${errorLines} lines that name the person`;

/** For how long persons are kept who no camera sees, in days: parameter KnownFaceDays. */
export interface Retention {
  readonly knownFaceDays: number;
}

/** Why a person is to be forgotten by now; undefined if they are not. */
export function dueReason(
  { consent, lastSeenAtMs, createdAtMs }: Person,
  { knownFaceDays }: Retention,
  nowMs: number,
): ForgottenPerson["reason"] | undefined {
  if (nowMs >= consent.expiresAtMs) return "consent-expired";
  // A day is seen at its end, too: lastSeenAtMs is its begin.
  const seenAtMs = lastSeenAtMs === undefined ? createdAtMs : lastSeenAtMs + DAY_MS;
  return nowMs >= seenAtMs + knownFaceDays * DAY_MS ? "not-seen" : undefined;
}

/** The enrolled persons who are to be forgotten by now, and why. */
export const personsDue = (records: readonly PersonRecord[], retention: Retention, nowMs: number) =>
  records.filter(isPerson).flatMap((person) => {
    const reason = dueReason(person, retention, nowMs);
    return reason === undefined ? [] : [{ personId: person.personId, reason }];
  });
