import * as v from "valibot";
import { explain } from "../../api/action.ts";

const viewText = v.object({
  originalSql: v.string(),
  catalog: v.optional(v.string()),
  /** Database of tables without one in the view's SQL. */
  schema: v.optional(v.string()),
  columns: v.array(v.object({ name: v.string(), type: v.string() })),
});

/** The definition of a view, with the Trino types of its columns. */
export type ViewText = v.InferOutput<typeof viewText>;

/**
 * Reads the `ViewOriginalText` of a Glue view, `/* Presto View: <base64 of JSON> *\/`
 * (observed: Trino's HiveViewCodec; undocumented by AWS).
 * @throws RangeError that names the problem
 */
export function readViewText(text: string): ViewText {
  const [, encoded] = /^\/\* Presto View: ([A-Za-z0-9+/=\s]+) \*\/$/.exec(text.trim()) ?? [];
  if (encoded === undefined) throw new RangeError("ViewOriginalText is not /* Presto View: <base64> */");
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(encoded, "base64").toString("utf8"));
  } catch {
    throw new RangeError("ViewOriginalText is not JSON in base64");
  }
  const parsed = v.safeParse(viewText, json);
  if (!parsed.success) throw new RangeError(`ViewOriginalText's ${explain(parsed.issues)}`);
  return parsed.output;
}
