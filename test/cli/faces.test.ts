import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { FirehoseClient } from "@aws-sdk/client-firehose";
import { ListFacesCommand, ListUsersCommand, RekognitionClient } from "@aws-sdk/client-rekognition";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { personsTable } from "../../aws/persons.ts";
import { DAY_MS } from "../../base/durations.ts";
import { putRecords } from "../../operator/delivery-stream.ts";
import { stackFaceOutputs, type StackFaceOutputs } from "../../operator/stack.ts";
import { isPerson, type Person } from "../../schemas/person.ts";
import { ASTRONAUT, astronaut, emptyPicture, twoAstronauts } from "../local/rekognition/faces/pictures.ts";
import type { TestStack } from "../local/stack.ts";
import { doorstep } from "./process.ts";
import { useStack } from "./stack.ts";

let stack: TestStack;
let outputs: StackFaceOutputs;
let rekognition: RekognitionClient;
let persons: ReturnType<typeof personsTable>;
useStack(async (started) => {
  stack = started;
  outputs = await stackFaceOutputs("doorstep-dev", stack.config);
  rekognition = new RekognitionClient(stack.config);
  persons = personsTable(outputs.PersonsTableName, new DynamoDBClient(stack.config));
});

let root: string;
let folders = 0;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "doorstep-faces-"));
});
afterAll(() => rmSync(root, { recursive: true }));

/** A new folder with these files. */
function folderOf(files: Readonly<Record<string, Uint8Array | string>>): string {
  const folder = join(root, String(folders++));
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

const CONSENT = ["--consent", "2026-11", "--given-by", "the persons themselves"];

/** Runs a faces command with --json. */
async function faces(...args: string[]) {
  const { exitCode, stdout, stderr } = await doorstep(["faces", ...args, "--json"]);
  const result = JSON.parse(stdout);
  return { exitCode, stderr, result, summary: result.error?.summary ?? result };
}

const enrolled = async (): Promise<Person[]> => (await persons.list()).filter(isPerson);

async function collection() {
  const { Faces = [] } = await rekognition.send(
    new ListFacesCommand({ CollectionId: outputs.FacesCollectionId }),
  );
  const { Users = [] } = await rekognition.send(
    new ListUsersCommand({ CollectionId: outputs.FacesCollectionId }),
  );
  return { faces: Faces, users: Users };
}

/** Puts a face of each person into the lake, a second apart. */
async function seen(...all: readonly Person[]): Promise<void> {
  const face = JSON.parse(readFileSync(join(import.meta.dirname, "../../events/face.json"), "utf8"));
  const client = new FirehoseClient(stack.config);
  const records = all.map(({ personId }, index) =>
    Buffer.from(JSON.stringify({ ...face, personId, seenAtMs: stack.clock.now() + index * 1000 })),
  );
  expect(await putRecords("doorstep-dev-faces", records, client)).toEqual(all.map(() => undefined));
  client.destroy();
  await stack.flushFirehose();
}

describe("doorstep faces enrol", () => {
  test.each([
    ["no consent", [], "nobody is enrolled without consent"],
    ["a consent of nobody", ["--consent", "2026-11"], "nobody is enrolled without consent"],
    ["a wording that does not exist", [...CONSENT, "--consent", "2020-01"], "--consent is 2020-01; expected"],
    ["a consent in the future", [...CONSENT, "--given-on", "2999-01-01"], "which is in the future"],
    ["an expired consent", [...CONSENT, "--given-on", "2020-01-01"], "the consent expired on 2020-12-31"],
    [
      "two kinds of consent",
      [...CONSENT, "--consents", "a.csv"],
      "--consent and --consents exclude each other",
    ],
    ["a file that is not there", ["--consents", "/no/file.csv"], "there is no file /no/file.csv"],
  ])("refuses %s before anything is sent", async (_, flags, message) => {
    const folder = folderOf({ "Ada Lovelace.jpg": ASTRONAUT });
    const { exitCode, stdout, stderr } = await doorstep(["faces", "enrol", folder, ...flags]);
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
    expect(await enrolled()).toEqual([]);
  });

  test.each([
    ["/no/folder", "there is no folder /no/folder"],
    ["s3://no-such-bucket/faces", "there is no bucket no-such-bucket"],
  ])("says that %s is not there", async (place, message) => {
    const { exitCode, result } = await faces("enrol", place, ...CONSENT);
    expect([exitCode, result.error.message]).toEqual([1, message]);
  });

  test("enrols the pictures that show one face, and says of each other one why not", async () => {
    const folder = folderOf({
      "Ada Lovelace.jpg": ASTRONAUT,
      "ada-lovelace-2.jpg": await astronaut({ isMirrored: true }),
      "Größe 1.jpg": await emptyPicture(),
      "group.jpg": await twoAstronauts(),
      "Tiny Tim.jpg": await astronaut({ scale: 0.12, marginPixels: 100 }),
      "notes.txt": "no image",
      "Broken Bob.jpg": Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.from("rest is missing")]),
      "Big Ben.png": Buffer.alloc(5 * 1024 * 1024 + 1),
      "IMG_1234.jpg": ASTRONAUT,
      "Eve\u202Egpj.jpg": ASTRONAUT,
      ".DS_Store": "hidden",
    });
    const { exitCode, summary } = await faces("enrol", folder, ...CONSENT);
    expect(exitCode).toBe(1);
    const reasonOf = Object.fromEntries(
      summary.pictures.map((one: { path: string; outcome: string; reason?: string }) => [
        one.path,
        one.reason ?? one.outcome,
      ]),
    );
    expect(reasonOf).toEqual({
      "Ada Lovelace.jpg": "indexed",
      "ada-lovelace-2.jpg": "indexed",
      "Größe 1.jpg": "it shows no face",
      "group.jpg": "it shows 2 faces; cut out the person's",
      "Tiny Tim.jpg": expect.stringMatching(/too small|no face/),
      "notes.txt": "it is not a JPEG or PNG image",
      "Broken Bob.jpg": "it is not a JPEG or PNG image",
      "Big Ben.png": "it is too large: 5.0 MB; Rekognition takes at most 5 MB",
      "IMG_1234.jpg": expect.stringContaining("the file's name is no person's"),
      "Eve\u202Egpj.jpg": "the name cannot be used: expected a name without control characters",
    });
    expect(summary.counts).toEqual({ indexed: 2, known: 0, refused: 8 });
    const [ada, ...others] = await enrolled();
    expect(others).toEqual([]);
    expect(ada).toMatchObject({
      name: "Ada Lovelace",
      version: 1,
      consent: { wording: "2026-11", givenBy: "the persons themselves" },
    });
    const { faces: stored, users } = await collection();
    expect(stored.map(({ ExternalImageId, UserId }) => [ExternalImageId, UserId])).toEqual([
      [ada!.personId, ada!.personId],
      [ada!.personId, ada!.personId],
    ]);
    expect(users.map(({ UserId }) => UserId)).toEqual([ada!.personId]);
    expect(ada!.personId).toMatch(/^person-[0-9a-f]{20}$/);
  });

  test("run twice, it changes nothing", async () => {
    const folder = folderOf({ "Ada Lovelace.jpg": ASTRONAUT });
    const before = [await enrolled(), await collection()];
    const { exitCode, summary } = await faces("enrol", folder, ...CONSENT);
    expect([exitCode, summary.counts]).toEqual([0, { indexed: 0, known: 1, refused: 0 }]);
    expect(summary.persons).toEqual([expect.objectContaining({ name: "Ada Lovelace", outcome: "known" })]);
    expect([await enrolled(), await collection()]).toEqual(before);
  });

  test("replaces a stored consent only with --renew", async () => {
    const folder = folderOf({ "ADA_LOVELACE.jpg": ASTRONAUT });
    const other = ["--consent", "own:2026-02", "--given-by", "Ada Lovelace", "--expires", "30d"];
    const refused = await faces("enrol", folder, ...other);
    expect(refused.exitCode).toBe(1);
    expect(refused.summary.pictures[0].reason).toMatch(
      /^Ada Lovelace is enrolled with another consent: 2026-11, given by the persons themselves on .*; --renew replaces it$/,
    );
    const renewed = await faces("enrol", folder, ...other, "--renew");
    expect(renewed.summary.persons).toEqual([
      expect.objectContaining({ name: "Ada Lovelace", outcome: "renewed" }),
    ]);
    expect((await enrolled())[0]).toMatchObject({ version: 2, consent: { wording: "own:2026-02" } });
  });

  test("takes the consent of each name from a file, and enrols nobody without one", async () => {
    const today = new Date(stack.clock.now()).toISOString().slice(0, 10);
    const folder = folderOf({
      "Bob/1.jpg": await astronaut({ light: 0.9 }),
      "Cid.jpg": await astronaut({ light: 0.8 }),
      "Dan.jpg": ASTRONAUT,
      "consents.csv": `name,given_by,given_on,wording,expires\nBob,himself,${today},2026-11,60d\nDan,himself,2999-01-01,2026-11,\n`,
    });
    const { exitCode, summary } = await faces("enrol", folder, "--consents", join(folder, "consents.csv"));
    expect(exitCode).toBe(1);
    expect(summary.pictures).toEqual([
      { path: "Bob/1.jpg", name: "Bob", outcome: "indexed" },
      expect.objectContaining({
        path: "Cid.jpg",
        reason: expect.stringContaining("has no row for the name"),
      }),
      expect.objectContaining({ path: "Dan.jpg", reason: expect.stringContaining("which is in the future") }),
    ]);
    expect(summary.consentProblems).toEqual([expect.stringMatching(/^line 3: given_on is 2999-01-01/)]);
  });

  test("enrols the objects of a bucket, whose names Rekognition would not take as ids", async () => {
    const s3 = new S3Client({ ...stack.config, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: "family-faces" }));
    for (const [Key, Body] of [
      ["people/Zoë @ home.jpg", await astronaut({ light: 0.95 })],
      ["people/readme.txt", Buffer.from("text")],
    ] as const)
      await s3.send(new PutObjectCommand({ Bucket: "family-faces", Key, Body }));
    s3.destroy();
    const { summary } = await faces("enrol", "s3://family-faces/people", ...CONSENT);
    expect(summary.pictures).toEqual([
      expect.objectContaining({ path: "Zoë @ home.jpg", name: "Zoë @ home", outcome: "indexed" }),
      expect.objectContaining({ path: "readme.txt", reason: "it is not a JPEG or PNG image" }),
    ]);
    await faces("merge", "zoë @ home", "Ada Lovelace");
  });

  test("keeps names out of the collection", async () => {
    expect(JSON.stringify(await collection())).not.toMatch(/lovelace|home/i);
  });
});

describe("doorstep faces", () => {
  test("list and show have pictures, the consent and when a person was last seen", async () => {
    const { result } = await faces("list");
    expect(result.persons.map((one: { name: string; pictures: number }) => [one.name, one.pictures])).toEqual(
      [
        ["Ada Lovelace", 3],
        ["Bob", 1],
      ],
    );
    const { stdout } = await doorstep(["faces", "list"]);
    const bob = result.persons[1];
    const until = new Date(bob.consent.expiresAtMs).toISOString().slice(0, 10);
    expect(stdout).toMatch(new RegExp(`^Bob +${bob.personId} +1 +${until} +never *$`, "m"));
    expect(stdout).toMatch(/^2 persons$/m);
    const shown = await doorstep(["faces", "show", "bob"]);
    expect(shown.stdout).toMatch(/consent +wording 2026-11, given by himself on /);
    expect((await faces("show", bob.personId)).result.person).toEqual(bob);
  });

  test("search says who a picture shows, and stores nothing", async () => {
    const before = await collection();
    const [file, none] = [join(root, "visitor.jpg"), join(root, "nobody.png")];
    writeFileSync(file, ASTRONAUT);
    writeFileSync(none, await emptyPicture());
    const { result } = await faces("search", file);
    expect(result.persons[0]).toMatchObject({ similarity: expect.any(Number) });
    expect(result.persons[0].similarity).toBeGreaterThan(90);
    expect((await faces("search", none)).result.error.message).toBe(`${none}: it shows no face`);
    expect((await faces("search", "/no/file.jpg")).result.error.message).toBe(
      "/no/file.jpg: it cannot be read: ENOENT",
    );
    expect(await collection()).toEqual(before);
  });

  test("search does not name persons whose consent has expired", async () => {
    const [bob] = (await enrolled()).filter(({ name }) => name === "Bob");
    const expired = { ...bob!.consent, expiresAtMs: stack.clock.now() };
    await persons.put({ ...bob!, version: bob!.version + 1, consent: expired });
    const file = join(root, "visitor.jpg");
    const { result } = await faces("search", file);
    expect(result.persons.map(({ name }: { name: string }) => name)).toEqual(["Ada Lovelace"]);
    await persons.put({ ...bob!, version: bob!.version + 2 });
  });

  test("rename changes the name alone, and refuses that of another person", async () => {
    expect((await faces("rename", "Bob", "Ada LOVELACE")).result.error.message).toMatch(
      /has the name Ada Lovelace already; npx doorstep faces merge person-\w+ person-\w+ makes them one person$/,
    );
    expect((await faces("rename", "bob", " Robert ")).result).toMatchObject({
      outcome: "renamed",
      person: { name: "Robert" },
    });
    expect((await faces("rename", "Robert", "Robert")).result.outcome).toBe("unchanged");
    expect((await faces("rename", "Robert", "Ro\u0007bert")).exitCode).toBe(2);
    expect((await faces("rename", "Bob", "Bobby")).result.error.message).toBe(
      "nobody called Bob is enrolled; npx doorstep faces list",
    );
  });

  test("merge makes two persons one, whom a picture of either finds", async () => {
    const [ada, robert] = await enrolled().then((all) => all.toSorted((a, b) => (a.name < b.name ? -1 : 1)));
    await seen(robert!, ada!);
    const visits = async () => {
      const { stdout } = await doorstep(["query", "SELECT person_id, faces FROM visits", "--json"]);
      return JSON.parse(stdout).rows;
    };
    expect(await visits()).toHaveLength(2);
    const isSaved = await doorstep([
      "alert",
      "rule",
      "add",
      "robert",
      "--person",
      "Robert",
      "--force",
      "--json",
    ]);
    expect(JSON.parse(isSaved.stdout).rule.persons).toEqual([robert!.personId]);
    const { result } = await faces("merge", "Robert", "Ada Lovelace");
    expect(result.rules).toEqual(["robert"]);
    const shown = await doorstep(["alert", "rule", "show", "robert", "--json"]);
    expect(JSON.parse(shown.stdout).rule.persons).toEqual([ada!.personId]);
    expect(result).toMatchObject({ from: robert!.personId, into: ada!.personId, pictures: 1, rows: 1 });
    expect(await visits()).toEqual([{ person_id: ada!.personId, faces: 2 }]);
    expect((await enrolled()).map(({ name }) => name)).toEqual(["Ada Lovelace"]);
    const { faces: stored, users } = await collection();
    expect(new Set(stored.map(({ UserId }) => UserId))).toEqual(new Set([ada!.personId]));
    expect(users.map(({ UserId }) => UserId)).toEqual([ada!.personId]);
    expect((await faces("show", robert!.personId)).result.error.message).toBe(
      `${robert!.personId} was merged into ${ada!.personId}`,
    );
    expect((await faces("merge", "Ada Lovelace", ada!.personId)).exitCode).toBe(2);
  });

  test("consent prints the wording with its version", async () => {
    const { exitCode, stdout } = await doorstep(["faces", "consent"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Consent to face recognition by cameras\n[^]*\nWording 2026-11\n$/);
    expect((await faces("consent", "1999")).exitCode).toBe(2);
  });

  test("doctor warns of a consent that expires soon, by the person's id alone", async () => {
    const [ada] = await enrolled();
    const soon = { ...ada!.consent, expiresAtMs: stack.clock.now() + 5 * DAY_MS };
    await persons.put({ ...ada!, version: ada!.version + 1, consent: soon });
    const { stdout } = await doorstep(["doctor"]);
    expect(stdout).toMatch(new RegExp(`the consent of ${ada!.personId} expires on `));
    expect(stdout).toMatch(/4 faces of 1 person in the collection/);
    expect(stdout).not.toContain("Lovelace");
  });
});
