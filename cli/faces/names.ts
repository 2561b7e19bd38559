import * as v from "valibot";
import { nameKey, personName } from "../../schemas/person.ts";

/** The name that a picture's place gives, or why it gives none. */
export type NamedPicture =
  | { readonly kind: "named"; readonly key: string; readonly name: string }
  | { readonly kind: "unnamed"; readonly reason: string };

/** What cameras, telephones and messengers call pictures, with what they put behind it. */
const NOT_A_NAME =
  /^(?:(?:img|images?|dsc[nf]?|pxl|mvi|gopr|photos?|pictures?|fotos?|bild(?:er)?|screenshot|scan|whatsapp image|signal|untitled|unnamed)?(?:[ _\-.:]*\d[\d _\-.:at]*)?|p\d{6,})$/i;

/** A number at the end that distinguishes a person's pictures: `-2`, `_02`, ` (3)`. */
const PICTURE_NUMBER = /(?:[\s_\-.]+\d+|[\s_\-.]*\(\d+\))$/;

/**
 * Reads a person's name from a picture's place: the name of its folder, or of the file itself where it is in no folder.
 * @param path below the folder or prefix that is enrolled, with `/` between folders
 */
export function nameOf(path: string): NamedPicture {
  const parts = path.split("/");
  const [folder, file] = [parts.at(-2), parts.at(-1)!];
  const stem = file.replace(/\.[^.]*$/, "");
  const text = (folder ?? stem.replace(PICTURE_NUMBER, "")).normalize("NFC");
  if (NOT_A_NAME.test(text) || (folder === undefined && NOT_A_NAME.test(stem)))
    return {
      kind: "unnamed",
      reason: "the file's name is no person's; name it, or a folder for it, after the person",
    };
  const parsed = v.safeParse(personName, spelled(text));
  if (!parsed.success)
    return { kind: "unnamed", reason: `the name cannot be used: ${parsed.issues[0].message}` };
  return { kind: "named", key: nameKey(parsed.output), name: parsed.output };
}

/** `ada-lovelace` as `Ada Lovelace`; a name that has capital letters or other letters than these is left as it is. */
function spelled(text: string): string {
  const spaced = text.replaceAll("_", " ").replaceAll(/\s+/g, " ").trim();
  return /\p{Lu}/u.test(spaced)
    ? spaced
    : spaced
        .replaceAll("-", " ")
        .replaceAll(/(^| )(\p{Ll})/gu, (_, gap: string, first: string) => gap + first.toUpperCase());
}
