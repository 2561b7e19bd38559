import type { TrinoType } from "./trino-types.ts";

type Families = readonly TrinoType["family"][];

const NUMBER: Families = ["integer", "decimal", "floating"];
const TEXT: Families = ["text"];
const MOMENT: Families = ["date", "timestamp", "zoned"];

/** What arguments functions take, by position from 0, where DuckDB would convert another one or fail in its own words. */
const SIGNATURES: readonly (readonly [names: string, ...Families[]])[] = [
  ["upper lower trim ltrim rtrim starts_with codepoint from_base64 from_hex to_utf8 soundex url_encode url_decode", TEXT],
  ["length", ["text", "varbinary"]],
  ["reverse", ["text", "array", "varbinary"]],
  ["substring substr", ["text", "varbinary"], ["integer"], ["integer"]],
  ["split split_part strpos str_position regexp_like regexp_extract regexp_extract_all regexp_split regexp_count regexp_replace replace levenshtein_distance hamming_distance", TEXT, TEXT],
  ["lpad rpad", TEXT, ["integer"], TEXT],
  ["concat", ["text", "array", "varbinary"], ["text", "array", "varbinary"]],
  ["json_extract json_extract_scalar json_array_length json_size", ["text", "json"]],
  ["json_parse date_parse from_iso8601_date from_iso8601_timestamp parse_datetime", TEXT],
  ["json_format", ["json"]],
  ["sum avg", [...NUMBER, "interval"]],
  ["stddev stddev_pop stddev_samp variance var_pop var_samp geometric_mean abs ceil ceiling floor sign sqrt cbrt exp ln log2 log10 sin cos tan asin acos atan degrees radians truncate", NUMBER],
  ["round", NUMBER, ["integer"]],
  ["power pow mod", NUMBER, NUMBER],
  ["from_unixtime", NUMBER],
  ["approx_percentile", NUMBER],
  ["date_format format_datetime", MOMENT, TEXT],
  ["date_trunc", TEXT, [...MOMENT, "time"]],
  ["date_add", TEXT, ["integer"], [...MOMENT, "time"]],
  ["date_diff", TEXT, [...MOMENT, "time"], [...MOMENT, "time"]],
  ["year month day quarter week day_of_week day_of_year day_of_month year_of_week last_day_of_month", [...MOMENT, "interval"]],
  ["to_unixtime", ["timestamp", "zoned", "date"]],
  ["cardinality", ["array", "map"]],
  ["array_distinct array_max array_min array_sort array_join array_position array_remove array_union array_intersect array_except arrays_overlap contains flatten slice", ["array"]],
  ["map_keys map_values map_concat map_entries", ["map"]],
  ["element_at", ["array", "map"]],
  ["bool_and bool_or every count_if", ["boolean"]],
  ["greatest least concat_ws zip row", []],
  ["typeof", []],
]; // prettier-ignore

const BY_NAME = new Map(
  SIGNATURES.flatMap(([names, ...families]) => names.split(" ").map((name) => [name, families] as const)),
);

/** The functions whose arguments' types matter. */
export const SITES: ReadonlySet<string> = new Set(BY_NAME.keys());

/** Trino's words for arguments that a function does not take; undefined when it takes them. */
export function signatureOf(name: string, types: readonly TrinoType[]): string | undefined {
  const families = BY_NAME.get(name) ?? [];
  const refused = types.some(({ family }, index) => {
    const taken = families[index] ?? [];
    return taken.length > 0 && family !== "unknown" && family !== "other" && !taken.includes(family);
  });
  return refused
    ? `Unexpected parameters (${types.map((type) => type.name).join(", ")}) for function ${name === "str_position" ? "strpos" : name}`
    : undefined;
}
