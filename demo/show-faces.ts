import type { Person } from "../schemas/person.ts";
import { counted } from "../cli/text.ts";
import type { Console } from "./console.ts";
import type { Journey } from "./journey.ts";
import { notComparedQuery, unknownQuery, visitsQuery } from "./queries.ts";

/** A visit of somebody who is enrolled. */
interface ShownVisit {
  readonly person: string;
  readonly camera: string;
  readonly faces: number;
  /** 0 to 100. */
  readonly bestSimilarity: number;
}

/** What the lake says of faces. */
export interface ShownFaces {
  readonly persons: number;
  readonly visits: readonly ShownVisit[];
  readonly unknown: readonly { readonly camera: string; readonly faces: number }[];
}

/** Shows who came to these cameras, when somebody unknown did, and which faces could not be compared. */
export async function showFaces(
  journey: Journey,
  cameraIds: readonly string[],
  persons: readonly Person[],
  out: Console,
): Promise<ShownFaces> {
  const names = new Map(persons.map(({ personId, name }) => [personId, name]));
  const visits = await journey.query(visitsQuery(cameraIds));
  const who = (id: string | null): string => names.get(id!) ?? "not enrolled any more";
  if (visits.rows.length > 0)
    out.table(
      "Who came: the view visits, with names from the table of persons",
      ["name", ...visits.columns],
      visits.rows.map((row) => [who(row[0]!), ...row]),
    );
  else out.say(`\n${out.bold("Nobody who is enrolled came")}: the view visits has no row of these cameras.`);
  const unknown = await journey.query(unknownQuery(cameraIds));
  const threshold = journey.outputs.FaceMatchThreshold;
  if (unknown.rows.length > 0) {
    out.table("When somebody unknown came: the view unknown_visitors", unknown.columns, unknown.rows);
    out.say(
      `Unknown is a face that resembles nobody who is enrolled by ${threshold} % or more. Nothing is stored that could recognise it.`,
    );
  } else
    out.say(`\n${out.bold("Nobody unknown came")}: the view unknown_visitors has no row of these cameras.`);
  for (const [camera, reason, faces] of (await journey.query(notComparedQuery(cameraIds))).rows)
    out.say(`${camera}: ${counted(Number(faces), "face")} could not be compared (${reason})`);
  return {
    persons: persons.length,
    visits: visits.rows.map(([id, camera, , , faces, similarity]) => ({
      person: who(id!),
      camera: camera!,
      faces: Number(faces),
      bestSimilarity: Number(similarity),
    })),
    unknown: unknown.rows.map(([camera, , , faces]) => ({ camera: camera!, faces: Number(faces) })),
  };
}
