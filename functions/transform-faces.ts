/**
 * Firehose transformation of the delivery stream of faces: as `functions/transform.ts`, and the last gate before the lake.
 * A function of its own, so that the lake's hot path does without the AWS SDK.
 */
import type {
  FirehoseTransformationEvent,
  FirehoseTransformationResult,
  FirehoseTransformationResultRecord,
} from "aws-lambda";
import { personsTable } from "../aws/persons.ts";
import { oncePerKey } from "../base/once.ts";
import { personOfRow, type PersonOfRow } from "../core/faces/recognise.ts";
import { environment } from "./_runtime.ts";
import { handler as transform } from "./transform.ts";

const persons = personsTable(environment("PERSONS_TABLE"));

/**
 * Drops rows of persons who were forgotten since their face was searched, and gives rows of merged persons to whom they were
 * merged into: such records were on their way, or were redriven.
 * @throws Error when the table of persons cannot be read: Firehose retries, then keeps the whole batch
 */
export async function handler(event: FirehoseTransformationEvent): Promise<FirehoseTransformationResult> {
  const { records } = await transform(event);
  const personOf = oncePerKey((personId: string) => personOfRow(persons, personId));
  return { records: await Promise.all(records.map((record) => checked(record, personOf))) };
}

async function checked(
  record: FirehoseTransformationResultRecord,
  personOf: (personId: string) => Promise<PersonOfRow>,
): Promise<FirehoseTransformationResultRecord> {
  if (record.result !== "Ok") return record;
  const row = JSON.parse(Buffer.from(record.data!, "base64").toString("utf8")) as {
    person_id: string | null;
  };
  if (row.person_id === null) return record;
  const person = await personOf(row.person_id);
  if (person === "forgotten") return { recordId: record.recordId, result: "Dropped" };
  if (person === row.person_id) return record;
  const data = Buffer.from(JSON.stringify({ ...row, person_id: person })).toString("base64");
  return { ...record, data };
}
