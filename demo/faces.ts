import { Writable } from "node:stream";
import * as v from "valibot";
import { systemClock } from "../base/clock.ts";
import { asError } from "../base/errors.ts";
import { facesEnrol, picturesAt, readGiven } from "../cli/commands/faces/enrol.ts";
import { Console as CommandConsole } from "../cli/console.ts";
import { nameOf } from "../cli/faces/names.ts";
import { OperatorError } from "../local/errors.ts";
import type { LocalCloud } from "../local/index.ts";
import { Faces } from "../operator/faces.ts";
import type { Person } from "../schemas/person.ts";
import type { Console } from "./console.ts";
import { shellWord } from "./next-steps.ts";

/** Whom `--faces` enrols, and by which consent: flags of `doorstep faces enrol`. */
export interface FacesArguments {
  readonly folder: string;
  readonly consent: string | undefined;
  readonly givenBy: string | undefined;
  readonly consents: string | undefined;
}

/** The flags that `faces enrol` gets. */
const flagsOf = ({ consent, givenBy, consents }: FacesArguments, stack: string, data: string) => ({
  consent,
  "given-by": givenBy,
  "given-on": undefined,
  expires: undefined,
  consents,
  renew: false,
  stack,
  local: true,
  data,
  region: undefined,
  endpoint: undefined,
});

const EXPECTED = "expected JPEG or PNG pictures that are named after the persons, e.g. Ada Lovelace.jpg";
const MAX_SHOWN = 5;

/**
 * Checks what can be checked before anything is started: the consent, and that a picture of the folder has a name.
 * @param missing why there is no face model
 * @throws OperatorError that says what to do
 */
export async function checkFaces(faces: FacesArguments, missing: string | undefined): Promise<void> {
  const { folder, consent, givenBy, consents } = faces;
  const refuse = (problem: string): never => {
    throw new OperatorError(`--faces ${folder}: ${problem}`);
  };
  const refuseError = (error: unknown): never => refuse(asError(error).message);
  if (missing !== undefined) refuse(`nothing finds faces on this machine: ${missing}`);
  if ([consent, givenBy, consents].every((one) => one === undefined)) refuse(noConsent(folder));
  const flags = flagsOf(faces, "", "");
  await readGiven(flags, systemClock.now()).catch(refuseError);
  const unusable: string[] = [];
  for (const { path, read } of await picturesAt(folder, flags).catch(refuseError)) {
    const named = nameOf(path);
    const picture = await read();
    if (picture.kind === "unusable") unusable.push(`${path}: ${picture.reason}`);
    else if (named.kind === "unnamed") unusable.push(`${path}: ${named.reason}`);
    else return;
  }
  if (unusable.length === 0) refuse(`the folder is empty; ${EXPECTED}`);
  const more = unusable.length - MAX_SHOWN;
  const shown = [...unusable.slice(0, MAX_SHOWN), ...(more > 0 ? [`and ${more} more`] : [])];
  refuse(
    [`the folder has no picture that can be enrolled; ${EXPECTED}`, ...shown.map((one) => `  ${one}`)].join(
      "\n",
    ),
  );
}

const noConsent = (folder: string): string =>
  `nobody is enrolled without consent. npx doorstep faces consent prints a wording. Once everybody in
the pictures has agreed to it, say so, and who gave the consent:

  npm start -- --faces ${shellWord(folder)} --consent 2026-11 --given-by "the persons themselves"

--consents <file.csv> has a consent per name instead; npx doorstep faces enrol --help describes it.`;

const enrolment = v.object({ counts: v.object({ indexed: v.number() }) });

/**
 * Enrols the folder's pictures by the command for it, which prints each that is refused, and why.
 * @returns everybody who is enrolled now, and how many pictures are new
 * @throws OperatorError when nobody is
 */
export async function enrol(
  faces: FacesArguments,
  stack: string,
  { clientConfig, dataFolder }: LocalCloud,
  out: Console,
): Promise<{ persons: Person[]; pictures: number }> {
  let result: unknown;
  const json = new Writable({
    write: (text: Buffer, _encoding, done) => {
      result = JSON.parse(text.toString());
      done();
    },
  });
  const console = new CommandConsole(json, out.stream, true, process.stdin);
  try {
    await facesEnrol.run({
      flags: flagsOf(faces, stack, dataFolder) as never,
      operands: [faces.folder],
      console,
      signal: new AbortController().signal,
      clock: systemClock,
    });
  } catch (error) {
    // Some pictures are not enrolled: it has said which, and the others are.
    const { summary } = error as { summary?: unknown };
    if (summary === undefined) throw error;
    result = summary;
  }
  const registry = await Faces.open(stack, clientConfig);
  try {
    const persons = await registry.persons();
    if (persons.length === 0)
      throw new OperatorError(
        `nobody is enrolled: no picture in ${faces.folder} shows exactly one clear face; docs/faces.md says what to do`,
      );
    return { persons, pictures: v.parse(enrolment, result).counts.indexed };
  } finally {
    registry.close();
  }
}
