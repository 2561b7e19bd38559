import type { Command } from "../../command.ts";
import { facesConsent } from "./consent.ts";
import { facesEnrol } from "./enrol.ts";
import { facesForget } from "./forget.ts";
import { facesList, facesMerge, facesRename, facesShow } from "./persons.ts";
import { facesSearch } from "./search.ts";

/** Enrolled persons and their faces, in the order of its help. */
export const facesCommands: readonly Command[] = [
  facesConsent,
  facesEnrol,
  facesList,
  facesShow,
  facesRename,
  facesMerge,
  facesForget,
  facesSearch,
];
