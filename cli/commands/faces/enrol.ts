import { readFile } from "node:fs/promises";
import { relative, resolve, sep } from "node:path";
import { bucketAt, bucketPictures, folderPictures, type Picture } from "../../../operator/face-pictures.ts";
import type { Enrolled, PictureOutcome, ToEnrol } from "../../../operator/enrolment.ts";
import { CONSENT_WORDINGS, OWN_WORDING } from "../../../schemas/consent-wordings.ts";
import { nameKey, type Person } from "../../../schemas/person.ts";
import {
  CONSENT_COLUMNS,
  consentOfFlags,
  DEFAULT_EXPIRY,
  keptConsent,
  readConsents,
  type Consents,
  type GivenConsent,
} from "../../faces/consents.ts";
import { nameOf } from "../../faces/names.ts";
import { day, withFaces } from "../../faces/registry.ts";
import { clientConfig, CLOUD_FLAGS, STACK_FLAG, type StackFlags } from "../../cloud.ts";
import { defineCommand, UsageError } from "../../command.ts";
import type { Console } from "../../console.ts";
import { counted } from "../../text.ts";

const FLAGS = {
  consent: {
    type: "string",
    value: "<wording>",
    about: `version of the wording that everybody in the pictures has agreed to: ${Object.keys(CONSENT_WORDINGS).join(", ")}, or your own, ${OWN_WORDING}<version>`,
  },
  "given-by": {
    type: "string",
    value: "<who>",
    about: "who gave the consent: the persons themselves, or who may for them",
  },
  "given-on": { type: "string", value: "<day>", about: "when, e.g. 2026-11-30; by default today (UTC)" },
  expires: {
    type: "string",
    value: "<day|duration>",
    about: `when it expires, e.g. 2027-11-30, or how long after it was given; by default ${DEFAULT_EXPIRY}`,
  },
  consents: {
    type: "string",
    value: "<file.csv>",
    about: "instead: a file with a consent per name",
  },
  renew: {
    type: "boolean",
    about: "replace the stored consent of persons who are enrolled already, without a question",
  },
  ...STACK_FLAG,
  ...CLOUD_FLAGS,
} as const;

const NOTES = `<pictures> is a folder, or s3://bucket/prefix in the Region of the stack. Names come from it: Ada Lovelace.jpg,
ada-lovelace-2.jpg and Ada Lovelace/1.jpg are three pictures of one person. Several pictures per person, with different light
and poses, are recognised better. A picture has to show exactly one face, as JPEG or PNG of at most 5 MB (15 MB in S3).

Nobody is enrolled without consent. It is recorded with the person: who gave it, when, the version of the wording, and when
it expires; then the person is forgotten. npx doorstep faces consent prints a wording. A file of consents has the columns
${CONSENT_COLUMNS.join(", ")}; an empty expires means ${DEFAULT_EXPIRY} after given_on. Names without a row are not enrolled.

Rekognition stores vectors of the faces, no pictures, and Doorstep stores no pictures either. Names stand in one table of the
stack, and nowhere else. Pictures of a known name are added to the person. A consent that differs from the stored one
replaces it after a confirmation on the terminal, or with --renew. A second run changes nothing, and completes what an interrupted one has begun. The exit
code is 1 if any picture is not enrolled.

  npx doorstep faces enrol ./family --consent 2026-11 --given-by "the persons themselves"
  npx doorstep faces enrol s3://my-bucket/faces --consents consents.csv

  ${CONSENT_COLUMNS.join(",")}
  Ada Lovelace,Ada Lovelace,2026-11-30,2026-11,2027-11-30

Needs cloudformation:DescribeStacks, dynamodb:Scan, GetItem, PutItem and DeleteItem on the table of persons, and
rekognition:DescribeCollection, DetectFaces, IndexFaces, ListFaces, CreateUser, DeleteUser, AssociateFaces and DeleteFaces; for
S3 also s3:ListBucket and GetObject.`;

export const facesEnrol = defineCommand({
  name: "faces enrol",
  about: "Enrol persons from pictures, with their consent",
  operands: ["<pictures>"],
  flags: FLAGS,
  notes: NOTES,
  async run({ flags, operands: [place], console, signal, clock }) {
    const nowMs = clock.now();
    const consents = await readGiven(flags, nowMs);
    const pictures = await picturesAt(place!, flags);
    const named = byName(pictures, consents);
    const outcomes: NamedOutcome[] = [...named.refused];
    for (const outcome of named.refused) showPicture(outcome, console);
    if (pictures.length === 0) throw new Error(`there are no pictures in ${place}`);
    const enrolled: PersonOutcome[] = [];
    await withFaces(flags, clock, async (faces) => {
      const known = knownByName(await faces.persons());
      const all: ToEnrol[] = [];
      for (const group of named.groups) {
        const decided = await decide(group, known, flags.renew, nowMs, console, signal);
        if ("person" in decided) {
          all.push(decided.person);
          continue;
        }
        for (const { path } of group.pictures) {
          const outcome = { path, name: group.name, outcome: "refused", reason: decided.reason } as const;
          outcomes.push(outcome);
          showPicture(outcome, console);
        }
      }
      let done = 0;
      const total = all.reduce((sum, person) => sum + person.pictures.length, 0);
      await faces.enrol(all, {
        signal,
        onPicture: () => console.progress(`${++done} of ${counted(total, "picture")}`),
        onPerson: (person, result) => {
          enrolled.push(outcomeOf(person, result));
          for (const one of result.pictures) {
            const outcome = { ...one, name: person.name };
            outcomes.push(outcome);
            if (one.outcome === "refused") showPicture(outcome, console);
          }
        },
      });
    });
    finish({ outcomes, enrolled, consents, signal, console });
  },
});

interface ConsentFlags {
  readonly consent: string | undefined;
  readonly "given-by": string | undefined;
  readonly "given-on": string | undefined;
  readonly expires: string | undefined;
  readonly consents: string | undefined;
}

/** One consent for everybody, or one per name. */
type Given = { readonly file: string; readonly consents: Consents } | { readonly all: GivenConsent };

/** @throws UsageError when there is no consent, or a wrong one */
export async function readGiven(flags: ConsentFlags, nowMs: number): Promise<Given> {
  const file = flags.consents;
  if (file === undefined) return { all: consentOfFlags(flags, nowMs) };
  const single = (["consent", "given-by", "given-on", "expires"] as const).find(
    (name) => flags[name] !== undefined,
  );
  if (single !== undefined) throw new UsageError(`--${single} and --consents exclude each other`);
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw error.code === "ENOENT" ? new UsageError(`--consents: there is no file ${file}`) : error;
  });
  try {
    return { file, consents: readConsents(text, nowMs) };
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(`--consents ${file}: ${error.message}`) : error;
  }
}

/** The pictures of a folder or prefix, without the file of consents. */
export async function picturesAt(place: string, flags: StackFlags & ConsentFlags): Promise<Picture[]> {
  const bucket = bucketAt(place);
  if (bucket) return await bucketPictures(bucket, clientConfig(flags));
  const own =
    flags.consents === undefined
      ? undefined
      : relative(resolve(place), resolve(flags.consents)).split(sep).join("/");
  return (await folderPictures(place)).filter(({ path }) => path !== own);
}

type NamedOutcome = PictureOutcome & { readonly name?: string };

/** The pictures of one name, with the consent that was given for it. */
interface Group {
  readonly key: string;
  readonly name: string;
  readonly given: GivenConsent;
  readonly pictures: Picture[];
}

/** Sorts pictures by name; those without a name or consent are refused. */
function byName(pictures: readonly Picture[], given: Given) {
  const groups = new Map<string, Group>();
  const refused: NamedOutcome[] = [];
  for (const picture of pictures) {
    const { path } = picture;
    const named = nameOf(path);
    if (named.kind === "unnamed") {
      refused.push({ path, outcome: "refused", reason: named.reason });
      continue;
    }
    const { key } = named;
    const row = "all" in given ? undefined : given.consents.byKey.get(key);
    const consent = "all" in given ? given.all : row;
    if (!consent) {
      refused.push({ path, name: named.name, outcome: "refused", reason: noConsent(given, key) });
      continue;
    }
    const group = groups.get(key) ?? { key, name: row?.name ?? named.name, given: consent, pictures: [] };
    group.pictures.push(picture);
    groups.set(key, group);
  }
  return { groups: [...groups.values()], refused };
}

function noConsent(given: Given, key: string): string {
  if ("all" in given) return "";
  const problem = given.consents.problems.find((one) => one.key === key);
  return problem
    ? `no valid consent: ${given.file}, ${problem.reason}`
    : `no consent: ${given.file} has no row for the name`;
}

/** Persons by the key of their name; several may have one. */
const knownByName = (persons: readonly Person[]): Map<string, Person[]> =>
  Map.groupBy(persons, ({ name }) => nameKey(name));

/** What to enrol of a group, or why nothing is. */
async function decide(
  { key, name, given, pictures }: Group,
  knownByKey: ReadonlyMap<string, readonly Person[]>,
  isRenewed: boolean,
  nowMs: number,
  console: Console,
  signal: AbortSignal,
): Promise<{ readonly person: ToEnrol } | { readonly reason: string }> {
  const [known, other] = knownByKey.get(key) ?? [];
  if (known && other)
    return {
      reason: `several persons have the name: npx doorstep faces merge ${other.personId} ${known.personId}`,
    };
  if (!known) return { person: { name, known, consent: given.consent, pictures } };
  const kept = keptConsent(known.consent, given, nowMs);
  if (kept) return { person: { name: known.name, known, consent: kept, pictures } };
  const { wording, givenBy, givenAtMs, expiresAtMs } = known.consent;
  const stored = `${known.name} is enrolled with another consent: ${wording}, given by ${givenBy} on ${day(givenAtMs)}, until ${day(expiresAtMs)}`;
  const isConfirmed = isRenewed || (await console.confirm(`${stored}. Replace it?`, signal));
  return isConfirmed
    ? { person: { name: known.name, known, consent: given.consent, pictures } }
    : { reason: `${stored}; --renew replaces it` };
}

interface PersonOutcome {
  readonly personId?: string;
  readonly name: string;
  readonly outcome: "enrolled" | "known" | "renewed" | "refused";
}

function outcomeOf({ name }: ToEnrol, { person, isNew, isRenewed }: Enrolled): PersonOutcome {
  if (!person) return { name, outcome: "refused" };
  const outcome = isNew ? "enrolled" : isRenewed ? "renewed" : "known";
  return { personId: person.personId, name: person.name, outcome };
}

function showPicture({ path, ...outcome }: NamedOutcome, console: Console): void {
  if (outcome.outcome === "refused") console.say(`${console.style("red", "✗")} ${path}: ${outcome.reason}`);
}

interface Result {
  readonly outcomes: readonly NamedOutcome[];
  readonly enrolled: readonly PersonOutcome[];
  readonly consents: Given;
  readonly signal: AbortSignal;
  readonly console: Console;
}

/** Prints the counts. @throws Error with the summary when something is not enrolled */
function finish({ outcomes, enrolled, consents, signal, console }: Result): void {
  const count = (outcome: string) => outcomes.filter((one) => one.outcome === outcome).length;
  const problems = "all" in consents ? [] : consents.consents.problems.map(({ reason }) => reason);
  const pictures = outcomes.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const counts = { indexed: count("indexed"), known: count("known"), refused: count("refused") };
  const summary = {
    persons: enrolled,
    pictures,
    counts,
    ...(problems.length > 0 && { consentProblems: problems }),
  };
  for (const { personId, name, outcome } of enrolled)
    if (personId !== undefined && outcome !== "known") console.say(`${name}: ${outcome}, ${personId}`);
  for (const problem of problems) console.note(console.style("red", problem));
  console.say(
    `${counted(counts.indexed, "picture")} enrolled, ${counts.known} enrolled before, ${counts.refused} refused`,
  );
  if (signal.aborted) throw failure("interrupted; run it again, which goes on from here", summary);
  if (counts.refused > 0)
    throw failure(
      `${counts.refused} of ${counted(outcomes.length, "picture")} ${counts.refused === 1 ? "was" : "were"} not enrolled`,
      summary,
    );
  if (problems.length > 0) throw failure(`${counted(problems.length, "row")} of consents not valid`, summary);
  console.result(summary);
}

const failure = (message: string, summary: unknown): Error => Object.assign(new Error(message), { summary });
