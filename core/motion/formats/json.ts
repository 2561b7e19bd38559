import * as v from "valibot";
import { UnreadableBody } from "./reading.ts";

/** @throws UnreadableBody */
export function readJson(document: string): unknown {
  try {
    return JSON.parse(document);
  } catch {
    throw new UnreadableBody("is not JSON");
  }
}

/**
 * Reads JSON of a shape.
 * @throws UnreadableBody that names the field
 */
export function readShape<T>(schema: v.GenericSchema<unknown, T>, document: string): T {
  const { success, output, issues } = v.safeParse(schema, readJson(document));
  if (success) return output;
  const path = v.getDotPath(issues[0]);
  throw new UnreadableBody(path === null ? "is not a JSON object" : `has no valid ${path}`);
}
