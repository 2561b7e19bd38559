import { coerceDate, coerceDecimal, coerceFloating, coerceInteger, coerceTimestamp } from "./scalars.ts";
import type { HiveField, HiveType } from "./hive-type.ts";
import { ConversionError, ExactNumber, jsonText, type Json, type JsonObject } from "./json-documents.ts";

/** How the OpenX JSON SerDe finds a column's value. */
export interface OpenXOptions {
  /** Lower-cases every key, those of maps too (observed). */
  readonly isCaseInsensitive: boolean;
  readonly dotsBecomeUnderscores: boolean;
  /** JSON key by column name, for columns that are called otherwise in the JSON. */
  readonly keyOfColumn: Readonly<Record<string, string>>;
}

/** What DuckDB's JSON reader takes for a value: wide integers, decimals and times as text. */
type Cell = null | boolean | number | string | Cell[] | { [name: string]: Cell };

/** Every rejected value is answered in these words (observed). */
export const malformed = (problem: string): ConversionError =>
  new ConversionError("DataFormatConversion.MalformedData", `Data does not match the schema. ${problem}`);

/**
 * One row of the table from one JSON object, by the OpenX JSON SerDe's rules (observed by third parties): a missing
 * value is null, an unknown key is dropped, numbers and text turn into each other, a lone value becomes an array of one.
 * @throws ConversionError for a value that doesn't fit its column
 */
export function rowOf(
  document: JsonObject,
  columns: readonly HiveField[],
  options: OpenXOptions,
): Record<string, Cell> {
  const find = memberFinder(document, options);
  return Object.fromEntries(
    columns.map(({ name, type }) => [
      name,
      coerce(
        find(Object.hasOwn(options.keyOfColumn, name) ? options.keyOfColumn[name]! : name),
        type,
        options,
      ),
    ]),
  );
}

function coerce(value: Json | undefined, type: HiveType, options: OpenXOptions): Cell {
  if (value === undefined || value === null) return null;
  switch (type.kind) {
    case "array": {
      const elements = Array.isArray(value) ? value : [value];
      return elements.map((element) => coerce(element, type.element, options));
    }
    case "map":
      if (!isObject(value)) throw malformed(`A map is required, found ${jsonText(value)}`);
      return Object.fromEntries(
        Object.entries(value).map(([key, member]) => [
          `${coerce(normalKey(key, options), type.key, options) as string | number | boolean}`,
          coerce(member, type.value, options),
        ]),
      );
    case "struct": {
      if (Array.isArray(value))
        return Object.fromEntries(
          type.fields.map((field, index) => [field.name, coerce(value[index], field.type, options)]),
        );
      if (!isObject(value)) throw malformed(`A struct is required, found ${jsonText(value)}`);
      const find = memberFinder(value, options);
      return Object.fromEntries(
        type.fields.map((field) => [field.name, coerce(find(field.name), field.type, options)]),
      );
    }
    case "text":
      // A lone surrogate has no UTF-8 form; it is replaced so that it can't spoil the rows beside it.
      return (typeof value === "string" ? value : jsonText(value)).toWellFormed();
    default:
      return scalar(value, type);
  }
}

function scalar(value: Json, type: HiveType): Cell {
  const text =
    value instanceof ExactNumber ? value.source : typeof value === "object" ? undefined : String(value);
  if (text === undefined)
    throw malformed(`A ${type.kind} is required, found ${jsonText(value).slice(0, 200)}`);
  const cell = coerceScalar(text.trim(), type);
  if (cell === undefined) throw malformed(`For input string: "${text.slice(0, 200)}"`);
  return cell;
}

function coerceScalar(text: string, type: HiveType): Cell | undefined {
  switch (type.kind) {
    case "integer":
      return coerceInteger(text, type.bits);
    case "floating":
      return coerceFloating(text, type.bits);
    case "decimal":
      return coerceDecimal(text, type.precision, type.scale);
    case "boolean":
      return /^(true|false)$/i.test(text) ? text.toLowerCase() === "true" : undefined;
    case "date":
      return coerceDate(text);
    case "timestamp":
      return coerceTimestamp(text);
    default:
      return undefined;
  }
}

function normalKey(key: string, { isCaseInsensitive, dotsBecomeUnderscores }: OpenXOptions): string {
  const dotless = dotsBecomeUnderscores ? key.replaceAll(".", "_") : key;
  return isCaseInsensitive ? dotless.toLowerCase() : dotless;
}

/** Looks members up by normalised key; of two that become the same, the first counts. */
function memberFinder(object: JsonObject, options: OpenXOptions): (key: string) => Json | undefined {
  const members = new Map<string, Json>();
  for (const [key, value] of Object.entries(object)) {
    const normal = normalKey(key, options);
    if (!members.has(normal)) members.set(normal, value);
  }
  return (key) => members.get(options.isCaseInsensitive ? key.toLowerCase() : key);
}

const isObject = (value: Json): value is JsonObject =>
  value !== null && typeof value === "object" && !Array.isArray(value) && !(value instanceof ExactNumber);
