import type { SeenPerson } from "../../schemas/person.ts";
import { UNKNOWN_PERSON } from "../../schemas/person.ts";
import { recognise, type PersonRecords } from "../faces/recognise.ts";

/** A person as a message shows them: without a name, an unknown one. */
export interface ShownPerson {
  readonly person: SeenPerson;
  readonly name?: string;
}

/**
 * Looks up by which names people are shown now. Someone who was merged into another person meanwhile is that person; someone who
 * was forgotten, or whose consent has expired, is left out.
 * @param seen as an alert has them
 */
export async function shownPersons(
  persons: Pick<PersonRecords, "find">,
  seen: readonly SeenPerson[],
  nowMs: number,
): Promise<ShownPerson[]> {
  const shown = await Promise.all(
    seen.map(async (person): Promise<ShownPerson | undefined> => {
      if (person === UNKNOWN_PERSON) return { person };
      const recognised = await recognise(persons, person, nowMs);
      if (recognised.kind !== "person") return undefined;
      return { person: recognised.person.personId, name: recognised.person.name };
    }),
  );
  const byId = new Map(shown.flatMap((one) => (one ? [[one.person, one]] : [])));
  return [...byId.values()];
}
