/** Documented (PutRecord): a record has 1,024,000 bytes at most, so no document is longer. */
const MAX_DOCUMENT_CHARACTERS = 1_024_000;
/** More places than a file of ours has where no document can be made out; the rest of such a file is left unread. */
const MAX_UNREADABLE = 1000;

/** JSON objects that stood one after the other. */
export interface Documents {
  readonly documents: readonly string[];
  /** How many stretches between them are neither documents nor white space. */
  readonly unreadable: number;
}

/**
 * The JSON objects of a text in which they follow each other with or without white space between, as records do in an
 * object that Firehose wrote. What is no object is stepped over up to where the next record may begin, and counted.
 */
export function splitDocuments(text: string): Documents {
  const documents: string[] = [];
  let unreadable = 0;
  let at = 0;
  while (at < text.length && unreadable < MAX_UNREADABLE) {
    const end = text[at] === "{" ? documentEnd(text, at) : undefined;
    if (end !== undefined && isJson(text.slice(at, end))) {
      documents.push(text.slice(at, end));
      at = end;
    } else if (/\s/.test(text[at]!)) at++;
    else {
      unreadable++;
      at = nextBeginning(text, at);
    }
  }
  return { documents, unreadable };
}

/** Behind the brace that closes the one at `start`. */
function documentEnd(text: string, start: number): number | undefined {
  let depth = 0;
  let isString = false;
  const limit = Math.min(text.length, start + MAX_DOCUMENT_CHARACTERS);
  for (let at = start; at < limit; at++) {
    const character = text[at];
    if (isString) {
      if (character === "\\") at++;
      else if (character === '"') isString = false;
    } else if (character === '"') isString = true;
    else if (character === "{") depth++;
    else if (character === "}" && --depth === 0) return at + 1;
  }
  return undefined;
}

/** Where after `at` the next record may begin: where one object ends and another begins, or the first one that opens. */
function nextBeginning(text: string, at: number): number {
  if (text[at] !== "{") {
    const opens = text.indexOf("{", at);
    return opens < 0 ? text.length : opens;
  }
  const boundary = /\}\s*\{/g;
  boundary.lastIndex = at;
  const found = boundary.exec(text);
  return found ? found.index + 1 : text.length;
}

/** Whether the text is one JSON value. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
