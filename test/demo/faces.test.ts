import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { checkFaces } from "../../demo/faces.ts";
import { doorstep } from "../cli/process.ts";
import { npmStart, PORTS, stop, type Start } from "./npm-start.ts";

const folder = mkdtempSync(join(tmpdir(), "doorstep-start-faces-"));
const people = join(folder, "my people");
const CONSENT = { consent: "2026-11", givenBy: "Eileen Collins", consents: undefined };
const EILEEN = "Eileen Collins.jpg";

beforeAll(() => {
  mkdirSync(people);
  cpSync("events/faces/astronaut.jpg", join(people, EILEEN));
  cpSync("events/faces/astronaut.jpg", join(people, "IMG_0001.jpg"));
  writeFileSync(join(people, "notes.txt"), "no picture");
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A folder with files of this content. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const made = mkdtempSync(join(folder, "pictures-"));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(made, name), content);
  return made;
}

describe("the pictures of npm start --faces", () => {
  const check = (pictures: string, given: object = CONSENT, missing?: string) =>
    checkFaces({ folder: pictures, ...CONSENT, ...given }, missing);

  test("are accepted with a consent and one picture that is named after a person", async () => {
    await expect(check(people)).resolves.toBeUndefined();
  });

  test("are refused without a consent, with the line that gives one", async () => {
    const none = { consent: undefined, givenBy: undefined };
    await expect(check(people, none)).rejects.toThrow(
      /nobody is enrolled without consent[^]*--consent 2026-11/,
    );
    await expect(check(people, none)).rejects.toThrow(`npm start -- --faces '${people}' --consent 2026-11`);
    await expect(check(people, { givenBy: undefined })).rejects.toThrow("--given-by");
    await expect(check(people, { consent: "2020-01" })).rejects.toThrow("--consent is 2020-01; expected");
    await expect(check(people, { consents: "consents.csv" })).rejects.toThrow("exclude each other");
    const file = { consent: undefined, givenBy: undefined, consents: join(folder, "none.csv") };
    await expect(check(people, file)).rejects.toThrow("there is no file");
  });

  test("are refused where there is no folder, no picture, or none with a name, and each file says why", async () => {
    await expect(check(join(folder, "none"))).rejects.toThrow("there is no folder");
    await expect(check(folderOf({}))).rejects.toThrow("the folder is empty; expected JPEG or PNG pictures");
    const files = Object.fromEntries(Array.from({ length: 7 }, (_, index) => [`Ada ${index}.txt`, "text"]));
    await expect(check(folderOf(files))).rejects.toThrow(
      /Ada 0\.txt: it is not a JPEG or PNG image[^]*Ada 4[^]*\n {2}and 2 more$/,
    );
    const jpeg = folderOf({});
    cpSync("events/faces/astronaut.jpg", join(jpeg, "IMG_0001.jpg"));
    await expect(check(jpeg)).rejects.toThrow("IMG_0001.jpg: the file's name is no person's");
  });

  test("are refused without the face model, with what installs it", async () => {
    await expect(check(people, {}, "npm ci installs them")).rejects.toThrow(
      "nothing finds faces on this machine: npm ci installs them",
    );
  });
});

describe("npm start --faces", () => {
  const dataFolder = join(folder, "data");
  const data = ["--data", dataFolder];
  const consent = ["--consent", CONSENT.consent, "--given-by", CONSENT.givenBy];
  let start: Start;
  let result: { faces: object; detections: { engine: string }[] };
  beforeAll(async () => {
    start = await npmStart("--faces", people, ...consent, "--json", ...data, ...PORTS);
    result = start.result() as typeof result;
  });
  afterAll(async () => void (await stop(start)));

  test("enrols who has a picture, and shows who came and that somebody unknown did", () => {
    expect(result).toMatchObject({
      faces: {
        persons: 1,
        visits: [{ person: "Eileen Collins", camera: "front-door", faces: 3, bestSimilarity: 100 }],
        unknown: [{ camera: "back-yard", faces: 1 }],
      },
    });
    expect(new Set(result.detections.map(({ engine }) => engine))).toEqual(new Set(["frames"]));
    expect(start.text()).toContain("IMG_0001.jpg: the file's name is no person's");
    expect(start.text()).toContain("notes.txt: it is not a JPEG or PNG image");
    expect(start.text()).toContain("show no real faces: the person at front-door plays Eileen Collins");
  });

  test("leaves visits to query, the names of their ids, and faces that are on", async () => {
    const json = async (...args: readonly string[]) =>
      JSON.parse((await doorstep([...args, "--json", ...data])).stdout) as Record<string, unknown>;
    const { persons } = (await json("faces", "list")) as { persons: { personId: string; name: string }[] };
    expect(persons.map(({ name }) => name)).toEqual(["Eileen Collins"]);
    const { rows } = await json("query", "SELECT * FROM visits");
    expect(rows).toEqual([
      expect.objectContaining({ person_id: persons[0]!.personId, camera_id: "front-door" }),
    ]);
    expect(await json("camera", "show", "back-yard")).toMatchObject({ camera: { faces: true } });
  });
});
