import { readdirSync, readFileSync } from "node:fs";
import { readSavedQuery, type SavedQuery } from "../schemas/queries/saved-query.ts";

/** The same path in the project and in the npm package. */
const folder = new URL("../resources/queries/", import.meta.url);

/** Every query of the pack, ordered by name. */
export const queryPack = (): SavedQuery[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith(".sql"))
    .toSorted()
    .map((file) =>
      readSavedQuery(file.slice(0, -".sql".length), readFileSync(new URL(file, folder), "utf8")),
    );
