/** A record has at most 1,024,000 bytes (documented: PutRecord), so no document is longer. */
const MAX_DOCUMENT_CHARACTERS = 1_024_000;
/** More unreadable parts than any backup object has; the rest of such a file is not read. */
const MAX_UNREADABLE = 1000;

/** The JSON objects of a text. */
export interface Documents {
  readonly documents: readonly string[];
  /** How many parts between them are neither documents nor white space. */
  readonly unreadable: number;
}

/**
 * Splits a text of JSON objects that follow each other with or without white space, like the records of an object that
 * Firehose has written. Other text is skipped up to where the next record may begin, and counted.
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

/** The index after the brace that closes the one at `start`. */
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

/** The index after `at` where the next record may begin: between two objects, or at the next opening brace. */
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
