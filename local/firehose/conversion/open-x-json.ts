import type { ColumnField, ColumnType } from "../../glue/column-type.ts";
import { coerceDate, coerceDecimal, coerceFloating, coerceInteger, coerceTimestamp } from "./scalars.ts";
import { ConversionError, ExactNumber, jsonText, type Json, type JsonObject } from "./json-documents.ts";

/** How the OpenX JSON SerDe finds a column's value. */
export interface OpenXOptions {
  /** Converts every key to lower case, those of maps too (observed). */
  readonly isCaseInsensitive: boolean;
  readonly dotsBecomeUnderscores: boolean;
  /** JSON key by column name, for columns with another name in the JSON. */
  readonly keyOfColumn: Readonly<Record<string, string>>;
}

/** A value for DuckDB's JSON reader: decimals, times, and integers that a double may not preserve are text. */
type Cell = null | boolean | number | string | Cell[] | { [name: string]: Cell };

/** The error of every rejected value (observed). */
const malformed = (problem: string): ConversionError =>
  new ConversionError("DataFormatConversion.MalformedData", `Data does not match the schema. ${problem}`);

/**
 * Converts one JSON object to a row of the table, by the rules of the OpenX JSON SerDe (observed by third parties): a
 * missing value is null, an unknown key is dropped, numbers and text convert to each other, a single value becomes an
 * array of one.
 * @throws ConversionError for a value that doesn't fit its column
 */
export function rowOf(
  document: JsonObject,
  columns: readonly ColumnField[],
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

function coerce(value: Json | undefined, type: ColumnType, options: OpenXOptions): Cell {
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
      // A lone surrogate has no UTF-8 form and would make the other rows unreadable.
      return (typeof value === "string" ? value : jsonText(value)).toWellFormed();
    default:
      return scalar(value, type);
  }
}

function scalar(value: Json, type: ColumnType): Cell {
  if (isOfType(value, type)) return value;
  const text =
    value instanceof ExactNumber ? value.source : typeof value === "object" ? undefined : String(value);
  if (text === undefined)
    throw malformed(`A ${type.kind} is required, found ${jsonText(value).slice(0, 200)}`);
  const cell = coerceScalar(text.trim(), type);
  if (cell === undefined) throw malformed(`For input string: "${text.slice(0, 200)}"`);
  return cell;
}

/** Whether the value fits its column as it is, like most; the others are converted from their text. */
function isOfType(value: Json, type: ColumnType): value is number | boolean {
  if (type.kind === "boolean") return typeof value === "boolean";
  if (typeof value !== "number") return false;
  if (type.kind === "floating") return type.bits === 64 && Number.isFinite(value);
  return type.kind === "integer" && Number.isSafeInteger(value) && Math.abs(value) < 2 ** (type.bits - 1);
}

function coerceScalar(text: string, type: ColumnType): Cell | undefined {
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

/** Finds members by normalised key; of two with the same one, the first. */
function memberFinder(object: JsonObject, options: OpenXOptions): (key: string) => Json | undefined {
  const members = hasNormalKeys(object, options) ? object : normalised(object, options);
  return (key) => {
    const normal = options.isCaseInsensitive ? key.toLowerCase() : key;
    return Object.hasOwn(members, normal) ? members[normal] : undefined;
  };
}

function hasNormalKeys(object: JsonObject, options: OpenXOptions): boolean {
  for (const key in object) if (normalKey(key, options) !== key) return false;
  return true;
}

/** Of two members with the same key, the first. */
const normalised = (object: JsonObject, options: OpenXOptions): JsonObject =>
  Object.fromEntries(
    Object.entries(object)
      .toReversed()
      .map(([key, value]) => [normalKey(key, options), value]),
  );

const isObject = (value: Json): value is JsonObject =>
  value !== null && typeof value === "object" && !Array.isArray(value) && !(value instanceof ExactNumber);
