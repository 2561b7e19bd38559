import { isMerged, isPerson, type MergedPerson, type Person } from "../../../schemas/person.ts";
import type { Clock } from "../../../base/clock.ts";
import type { Faces } from "../../../operator/faces.ts";
import { ForgetFaces } from "../../../operator/forget-faces.ts";
import {
  checkedName,
  day,
  existingPerson,
  expiryText,
  isPersonId,
  percent,
  picturesOf,
  withFaces,
} from "../../faces/registry.ts";
import { withAlerts } from "../../alert/registry.ts";
import { clientConfig, CLOUD_FLAGS, STACK_FLAG, type StackFlags } from "../../cloud.ts";
import { columns, defineCommand, UsageError } from "../../command.ts";
import type { Console } from "../../console.ts";
import { textTable } from "../../table.ts";
import { counted } from "../../text.ts";

const READS =
  "cloudformation:DescribeStacks, dynamodb:Scan and GetItem on the table of persons, and rekognition:ListFaces";

const seenText = ({ lastSeenAtMs }: Person): string =>
  lastSeenAtMs === undefined ? "never" : day(lastSeenAtMs);

export const facesList = defineCommand({
  name: "faces list",
  about: "List the enrolled persons",
  operands: [],
  flags: { ...STACK_FLAG, ...CLOUD_FLAGS },
  notes: `  npx doorstep faces list

Needs ${READS}.`,
  async run({ flags, console, clock }) {
    await withFaces(flags, clock, async (faces) => {
      const [persons, stored] = [await faces.persons(), await faces.collection.faces()];
      const counts = picturesOf(stored);
      const nowMs = clock.now();
      const pictures = (person: Person): number => counts.get(person.personId) ?? 0;
      if (persons.length > 0)
        console.say(
          textTable(
            ["name", "id", " pictures", "consent until", "last seen"],
            persons.map((person) => [
              person.name,
              person.personId,
              String(pictures(person)),
              expiryText(person, nowMs),
              seenText(person),
            ]),
          ),
        );
      console.say(counted(persons.length, "person"));
      const beingForgotten = await faces.beingForgotten();
      for (const { personId, forgottenAtMs } of beingForgotten)
        console.say(
          `${personId} is being forgotten since ${day(forgottenAtMs)}; npx doorstep faces forget ${personId} finishes it`,
        );
      console.result({
        persons: persons.map((person) => ({ ...person, pictures: pictures(person) })),
        beingForgotten: beingForgotten.map(({ personId }) => personId),
      });
    });
  },
});

export const facesShow = defineCommand({
  name: "faces show",
  about: "Show an enrolled person: the consent, pictures, and when they were last seen",
  operands: ["<person>"],
  flags: { ...STACK_FLAG, ...CLOUD_FLAGS },
  notes: `<person> is a name or an id.

  npx doorstep faces show "Ada Lovelace"

Needs ${READS}.`,
  async run({ flags, operands: [text], console, clock }) {
    await withFaces(flags, clock, async (faces) => {
      const person = await existingPerson(faces, text!);
      const pictures = picturesOf(await faces.collection.faces()).get(person.personId) ?? 0;
      const { wording, givenBy, givenAtMs } = person.consent;
      console.say(console.style("bold", person.name));
      console.say(
        columns([
          ["id", person.personId],
          ["pictures", `${pictures}, as vectors`],
          ["consent", `wording ${wording}, given by ${givenBy} on ${day(givenAtMs)}`],
          ["consent until", expiryText(person, clock.now())],
          ["enrolled", day(person.createdAtMs)],
          ["last seen", seenText(person)],
        ]),
      );
      console.result({ person: { ...person, pictures } });
    });
  },
});

export const facesRename = defineCommand({
  name: "faces rename",
  about: "Give an enrolled person another name",
  operands: ["<person>", "<name>"],
  flags: { ...STACK_FLAG, ...CLOUD_FLAGS },
  notes: `<person> is a name or an id. Rows have the id, so they need no change.

  npx doorstep faces rename "Ada Byron" "Ada Lovelace"

Needs cloudformation:DescribeStacks, and dynamodb:Scan, GetItem and PutItem on the table of persons.`,
  async run({ flags, operands: [text, given], console, clock }) {
    const name = checkedName("<name>", given!);
    await withFaces(flags, clock, async (faces) => {
      const before = await existingPerson(faces, text!);
      const isSame = before.name === name;
      const person = isSame ? before : await faces.rename(before, name);
      console.say(isSame ? `${name} has the name already` : `${before.name} is ${name} now`);
      console.result({ person, outcome: isSame ? "unchanged" : "renamed" });
    });
  },
});

export const facesMerge = defineCommand({
  name: "faces merge",
  about: "Make two persons who are one and the same one person",
  operands: ["<person>", "<into>"],
  flags: {
    force: { type: "boolean", about: "merge them although their faces do not look alike" },
    ...STACK_FLAG,
    ...CLOUD_FLAGS,
  },
  notes: `Each is a name or an id. The pictures and rows of the first are the second's afterwards, whose name and consent stay; the
first's name and consent are deleted, and rules of alerts for the first are for the second. Files of the lake with rows of the first are written again; rows that come late follow with
the daily sweep. It cannot be undone. Running it again after an interruption, with ids, goes on from there.

  npx doorstep faces merge "Ada Byron" "Ada Lovelace"

Needs cloudformation:DescribeStacks, dynamodb:Scan, GetItem and PutItem on the table of persons, dynamodb:Query and PutItem on
that of alert settings, and rekognition:ListFaces, SearchUsers, CreateUser, AssociateFaces, DisassociateFaces and DeleteUser;
on the lake bucket s3:ListBucketVersions, and s3:GetObject, GetObjectVersion, PutObject and DeleteObjectVersion on
face_records/*.`,
  async run({ flags, operands: [first, second], console, signal, clock }) {
    await withFaces(flags, clock, async (faces) => {
      const into = await existingPerson(faces, second!);
      const from = await mergeable(faces, first!, into);
      if (from.personId === into.personId) throw new UsageError("expected two different persons");
      const { pictures, similarity } = await faces.merge(from, into, flags.force);
      const rules = await withAlerts(flags, clock, (alerts) =>
        alerts.renamePerson(from.personId, into.personId),
      );
      const rows = await renameRows(flags, console, signal, clock);
      console.say(
        `${isPerson(from) ? from.name : from.personId} is ${into.name} now: ${counted(pictures, "picture")} and ${counted(rows, "row")} moved` +
          (similarity === undefined ? "" : `, similarity ${percent(similarity)}`),
      );
      for (const { ruleId } of rules) console.say(`the alert rule ${ruleId} is for ${into.name} now`);
      console.result({
        from: from.personId,
        into: into.personId,
        pictures,
        rows,
        rules: rules.map(({ ruleId }) => ruleId),
        ...(similarity !== undefined && { similarity }),
      });
    });
  },
});

/** Gives rows of merged persons to whom they were merged into. @returns how many */
async function renameRows(
  flags: StackFlags,
  console: Console,
  signal: AbortSignal,
  clock: Clock,
): Promise<number> {
  const progress = (step: string): void => console.progress(step);
  const store = await ForgetFaces.open(flags.stack, clientConfig(flags), clock, { signal, progress });
  try {
    console.progress("rewriting the files with rows of the person");
    return await store.renameRows();
  } finally {
    store.close();
  }
}

/** The person to merge, or what an interrupted merge into the same other person has left of them. */
async function mergeable(faces: Faces, text: string, into: Person): Promise<Person | MergedPerson> {
  const record = isPersonId(text) ? await faces.findRecord(text) : undefined;
  return record && isMerged(record) && record.mergedInto === into.personId
    ? record
    : await existingPerson(faces, text);
}
