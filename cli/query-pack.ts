import { readdirSync, readFileSync } from "node:fs";
import { readSavedQuery, type SavedQuery } from "../schemas/queries/saved-query.ts";

/** The same in the project and in the npm package of the command. */
const folder = new URL("../resources/queries/", import.meta.url);

/** Every query of the pack, by name. */
export const queryPack = (): SavedQuery[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith(".sql"))
    .toSorted()
    .map((file) =>
      readSavedQuery(file.slice(0, -".sql".length), readFileSync(new URL(file, folder), "utf8")),
    );
