import { readFileSync } from "node:fs";

/** As package-lock.json tells it. */
interface Locked {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
}

export interface Licence {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** Whether it is in what this project gives away, its functions; else it is used to make and to test it. */
  readonly isBundled: boolean;
}

/** Licences that ask for no more than to be named, or that bind their own files alone (MPL-2.0). */
const PERMISSIVE = [
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "CC-BY-4.0",
  "CC0-1.0",
  "ISC",
  "MIT",
  "MIT-0",
  "PSF-2.0",
  "Python-2.0",
  "Unlicense",
];
const WEAK_COPYLEFT = ["MPL-2.0"];

/** Packages whose package.json names no licence, by what their repository says. */
const TOLD_ELSEWHERE: Readonly<Record<string, string>> = { "@shinyoshiaki/jspack": "MIT" };

/** Every package that is installed, once a version, by name. */
export function licences(lockFile: URL): Licence[] {
  const { packages } = JSON.parse(readFileSync(lockFile, "utf8")) as { packages: Record<string, Locked> };
  const found = Object.entries(packages).flatMap(([path, { version = "", license, dev, optional }]) => {
    const name = path.split("node_modules/").at(-1)!;
    if (!name) return [];
    const licence = license ?? TOLD_ELSEWHERE[name] ?? "not told";
    return [{ name, version, licence, isBundled: !dev && !optional }];
  });
  const byName = new Map(found.map((one) => [`${one.name} ${one.version}`, one]));
  return [...byName.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Packages that may not be used as they are, with why. */
export const licenceProblems = (all: readonly Licence[]): string[] =>
  all
    .filter(({ licence, isBundled }) => {
      const choices = licence.replaceAll(/[()]/g, "").split(" OR ");
      return !choices.some((one) => PERMISSIVE.includes(one) || (!isBundled && WEAK_COPYLEFT.includes(one)));
    })
    .map(
      ({ name, version, licence, isBundled }) =>
        `${name} ${version} (${isBundled ? "bundled" : "a tool"}): ${licence}; expected one of ${PERMISSIVE.join(", ")}` +
        (isBundled ? "" : `, or ${WEAK_COPYLEFT.join(", ")}`),
    );

/** docs/licences.md: each bundled package, and the tools by licence. */
export function licencesMarkdown(all: readonly Licence[]): string {
  const bundled = all.filter(({ isBundled }) => isBundled);
  const tools = Map.groupBy(
    all.filter(({ isBundled }) => !isBundled),
    ({ licence }) => licence,
  );
  return [
    "# Licences",
    "",
    "Written by `npm run docs` from `package-lock.json`; a test holds it to that, and every licence to what may be used.",
    "",
    "## In the functions",
    "",
    "Installed for them; their bundles hold what they use of it.",
    "",
    "| package | version | licence |",
    "| --- | --- | --- |",
    ...bundled.map(({ name, version, licence }) => `| \`${name}\` | ${version} | ${licence} |`),
    "",
    "## For making, testing and the local cloud",
    "",
    "| licence | packages |",
    "| --- | --- |",
    ...[...tools]
      .toSorted(([, one], [, other]) => other.length - one.length)
      .map(([licence, packages]) => `| ${licence} | ${packages.length} |`),
    "",
  ].join("\n");
}
