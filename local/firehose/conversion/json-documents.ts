/** The text of a number that a double would not preserve. */
export class ExactNumber {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

export type Json = null | boolean | number | ExactNumber | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** A record that can't be converted; the code is the one that AWS writes to the error output (observed). */
export class ConversionError extends Error {
  readonly code: "DataFormatConversion.ParseError" | "DataFormatConversion.MalformedData";

  constructor(code: ConversionError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

const parseError = (message: string): ConversionError =>
  new ConversionError("DataFormatConversion.ParseError", `Encountered malformed JSON. ${message}`);

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Parses the JSON objects of one record, which follow each other with or without white space between (documented:
 * Firehose guide, "Convert input data format"; an array of objects is not accepted).
 * @throws ConversionError when any part is not JSON, or not an object
 */
export function parseDocuments(data: Uint8Array): JsonObject[] {
  let text: string;
  try {
    text = utf8.decode(data);
  } catch {
    throw parseError("The record is not UTF-8.");
  }
  const documents: JsonObject[] = [];
  const canonical = parseCanonical(text);
  for (const value of canonical === undefined ? Array.from(splitDocuments(text), parse) : [canonical]) {
    if (value === null || typeof value !== "object" || Array.isArray(value) || value instanceof ExactNumber)
      throw new ConversionError(
        "DataFormatConversion.MalformedData",
        "Data does not match the schema. A JSON object is required.",
      );
    documents.push(value);
  }
  if (documents.length === 0) throw parseError("No content to map due to end of input.");
  return documents;
}

/**
 * Parses the one JSON object of a record that was partitioned. AWS's pages disagree on several: record format conversion
 * takes them, while dynamic partitioning needs aggregated data to be deaggregated, which happens before the Lambda
 * processor (documented: Firehose guide, "Enable dynamic partitioning"). Here the stricter page holds, with the error by
 * which a third party's emulator fails the rest of such a record (unconfirmed on AWS).
 * @throws ConversionError when the record is not exactly one JSON object
 */
export function parseSingleDocument(data: Uint8Array): JsonObject[] {
  const documents = parseDocuments(data);
  if (documents.length === 1) return documents;
  throw parseError(
    `The record has ${documents.length} JSON documents; with dynamic partitioning it may have one.`,
  );
}

/**
 * A text that JSON.stringify writes again as it is, like that of most Lambda processors: one document, whose numbers a
 * double preserves. Finding that takes a fraction of the time of comparing each number with its text.
 */
function parseCanonical(text: string): Json | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return JSON.stringify(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}

function parse(source: string): Json {
  const keepExact = (_key: string, value: unknown, context?: { source?: string }): unknown =>
    typeof value === "number" && context?.source !== undefined && String(value) !== context.source
      ? new ExactNumber(context.source)
      : value;
  try {
    // ES2025 passes the number's text to a reviver, which TypeScript's ES2024 types don't declare.
    return JSON.parse(source, keepExact as (key: string, value: unknown) => unknown) as Json;
  } catch (error) {
    throw parseError((error as Error).message);
  }
}

/** Splits after each closing bracket of the outermost level; the parser checks the parts. */
function* splitDocuments(text: string): Generator<string> {
  const token = /["{}[\]]/g;
  let start = 0;
  let depth = 0;
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const [character] = match;
    if (character === '"') token.lastIndex = endOfString(text, match.index);
    else if (character === "{" || character === "[") depth++;
    else if (--depth <= 0) {
      yield text.slice(start, token.lastIndex);
      start = token.lastIndex;
      depth = 0;
    }
  }
  const rest = text.slice(start);
  if (/[^ \t\r\n]/.test(rest)) yield rest;
}

/** Index after the string's closing quote, or the end of the text when it is not closed. */
function endOfString(text: string, quoteIndex: number): number {
  for (let at = quoteIndex + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

/** The value as JSON text, with numbers as they were written. */
export function jsonText(value: Json): string {
  if (value instanceof ExactNumber) return value.source;
  if (Array.isArray(value)) return `[${value.map(jsonText).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, member]) => `${JSON.stringify(key)}:${jsonText(member)}`)
    .join(",")}}`;
}
