import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";

/** A statement that both engines run. */
export interface Statement {
  /** Subject and number within it, e.g. `joins 3`. */
  readonly name: string;
  readonly sql: string;
  /** Id of the stated difference that it shows; undefined if both must return the same. */
  readonly differs: string | undefined;
}

const folder = fileURLToPath(new URL("statements", import.meta.url));
const DIFFERS = /^-- differs: ([a-z0-9-]+)$/;

/** Every statement, by the names of the files in `statements/`. @param days what stands for `{day}` and its like */
export const allStatements = (days: Readonly<Record<string, string>>): Statement[] =>
  globSync(`${folder}/*.sql`)
    .toSorted()
    .flatMap((file) => readStatements(basename(file, ".sql"), readFileSync(file, "utf8"), days));

/** Reads a file: statements that end in `;` at a line's end, each after a `-- differs: <id>` if it differs. */
export function readStatements(
  subject: string,
  text: string,
  days: Readonly<Record<string, string>> = {},
): Statement[] {
  const parts = text.split(/;[ \t]*(?:\n|$)/).filter((part) => /^(?!--)\S/m.test(part));
  return parts.map((part, index) => {
    const lines = part.trim().split("\n");
    const differs = lines.map((line) => DIFFERS.exec(line)?.[1]).find((id) => id !== undefined);
    const sql = lines.filter((line) => !line.startsWith("--")).join("\n");
    return {
      name: `${subject} ${index + 1}`,
      sql: sql.replaceAll(/\{(\w+)\}/g, (whole, key: string) => days[key] ?? whole),
      differs,
    };
  });
}
