import * as v from "valibot";
import type { Clock } from "../../base/clock.ts";
import { DAY_MS } from "../../base/durations.ts";
import type { StoredFace } from "../../operator/face-collection.ts";
import { Faces } from "../../operator/faces.ts";
import {
  isForgotten,
  isMerged,
  isPerson,
  nameKey,
  personId,
  personName,
  type Person,
} from "../../schemas/person.ts";
import { clientConfig, type StackFlags } from "../cloud.ts";
import { UsageError } from "../command.ts";
import { iso } from "../text.ts";

/** Runs something with the stack's faces. @throws Error that names the stack, when it does not exist or has no faces */
export async function withFaces<T>(
  flags: StackFlags,
  clock: Clock,
  use: (faces: Faces) => Promise<T>,
): Promise<T> {
  const faces = await Faces.open(flags.stack, clientConfig(flags), clock);
  try {
    return await use(faces);
  } finally {
    faces.close();
  }
}

export const isPersonId = (text: string): boolean => v.is(personId, text);

/** The enrolled person of an id or a name. @throws Error when there is none, or several have the name */
export async function existingPerson(faces: Faces, text: string): Promise<Person> {
  if (isPersonId(text)) {
    const record = await faces.findRecord(text);
    if (record && isPerson(record)) return record;
    if (record && isMerged(record)) throw new Error(`${text} was merged into ${record.mergedInto}`);
    if (record && isForgotten(record))
      throw new Error(
        record.step === "done"
          ? `${text} was forgotten on ${day(record.forgottenAtMs)}; nothing of them is left but the id`
          : `${text} is being forgotten since ${day(record.forgottenAtMs)}; npx doorstep faces forget ${text} finishes it`,
      );
    throw new Error(`there is no person ${text}; npx doorstep faces list`);
  }
  const key = nameKey(text);
  const found = (await faces.persons()).filter(({ name }) => nameKey(name) === key);
  if (found.length > 1)
    throw new Error(
      `${found.length} persons are called ${text}; expected an id: ${found.map((one) => one.personId).join(" or ")}`,
    );
  const [person] = found;
  if (!person) throw new Error(`nobody called ${text} is enrolled; npx doorstep faces list`);
  return person;
}

/** @throws UsageError when a name cannot be used */
export function checkedName(operand: string, text: string): string {
  const parsed = v.safeParse(personName, text.normalize("NFC"));
  if (!parsed.success) throw new UsageError(`${operand}: ${parsed.issues[0].message}`);
  return parsed.output;
}

/** `2026-11-30`, of UTC. */
export const day = (ms: number): string => iso(ms).slice(0, 10);

/** Until when a consent holds, for people. */
export function expiryText({ consent }: Person, nowMs: number): string {
  const left = Math.ceil((consent.expiresAtMs - nowMs) / DAY_MS);
  return left <= 0 ? `${day(consent.expiresAtMs)}, expired` : day(consent.expiresAtMs);
}

/** How many pictures each person has. */
export const picturesOf = (faces: readonly StoredFace[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const { personId: id } of faces) if (id !== undefined) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
};

export const percent = (similarity: number): string => `${similarity.toFixed(1)} %`;
