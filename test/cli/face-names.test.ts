import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import * as v from "valibot";
import { nameOf } from "../../cli/faces/names.ts";
import { nameKey, personName } from "../../schemas/person.ts";

const PIECES = [
  "Ada",
  " ",
  "-",
  "_",
  "2",
  "(3)",
  ".jpg",
  "/",
  ".",
  "\u202E",
  "é",
  "e\u0301",
  "İ",
  "ß",
  "\n",
  "IMG",
  "👩‍🚀",
  "\uD800",
];
const piece = fc.constantFrom(...PIECES);

const named = (path: string): string | undefined => {
  const found = nameOf(path);
  return found.kind === "named" ? found.name : undefined;
};

describe("nameOf", () => {
  test.each([
    ["Ada Lovelace.jpg", "Ada Lovelace"],
    ["ada-lovelace-2.jpg", "Ada Lovelace"],
    ["ada_lovelace (3).PNG", "Ada Lovelace"],
    ["Ada Lovelace/1.jpg", "Ada Lovelace"],
    ["family/Ada Lovelace/IMG_1234.jpg", "Ada Lovelace"],
    ["Jean-Luc 02.jpeg", "Jean-Luc"],
    ["zoë.jpg", "Zoë"],
    ["jürgen-müller.jpg", "Jürgen Müller"],
    ["Jose\u0301.jpg", "José"],
    ["李小龙.jpg", "李小龙"],
    ["r2d2.jpg", "R2d2"],
    ["O'Brien, Miles.jpg", "O'Brien, Miles"],
    ["me@home.jpg", "Me@home"],
    ["Dr. Ada Lovelace.jpg", "Dr. Ada Lovelace"],
    ["<b>Ada.jpg", "<b>Ada"],
    ["'; DROP TABLE persons; --.jpg", "'; DROP TABLE persons; --"],
  ])("%j is a picture of %j", (path, name) => expect(named(path)).toBe(name));

  test.each(["Ada Lovelace.jpg", "ada-lovelace-2.jpg", "ADA_LOVELACE.png", "Ada Lovelace/1.jpg"])(
    "%s belongs to the same person as the others",
    (path) => expect(nameOf(path)).toMatchObject({ key: "ada lovelace" }),
  );

  test.each([
    "IMG_1234.jpg",
    "DSC01234.JPG",
    "PXL_20261101_101112345.jpg",
    "1.jpg",
    "2026-11-30 10.11.12.jpg",
    "WhatsApp Image 2026-11-02 at 10.12.13.jpeg",
    "P1020304.jpg",
    "image (3).png",
    "2026/1.jpg",
  ])("%s names nobody", (path) =>
    expect(nameOf(path)).toEqual({
      kind: "unnamed",
      reason: "the file's name is no person's; name it, or a folder for it, after the person",
    }),
  );

  test.each([
    ["Ada\u202Egpj.jpg", "the name cannot be used: expected a name without control characters"],
    ["Ada\u001B[31m.jpg", "the name cannot be used: expected a name without control characters"],
    [`${"a".repeat(101)}.jpg`, "the name cannot be used: expected at most 100 characters"],
    [" /1.jpg", "the name cannot be used: expected a name"],
  ])("%j has a name that cannot be used", (path, reason) =>
    expect(nameOf(path)).toEqual({ kind: "unnamed", reason }),
  );

  test("takes any path: what it names is a valid name, with the key of that name", () => {
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const path = pieces.join("");
        const found = nameOf(path);
        if (found.kind === "unnamed") return found.reason.length > 0;
        return v.is(personName, found.name) && found.key === nameKey(found.name);
      }),
    );
  });
});
