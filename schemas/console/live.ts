/** The events of `GET /api/live`, by name: the data of each is JSON. */
import * as v from "valibot";
import { epochMs, text } from "./values.ts";

/** Something new in the lake: the tables that have a new file. */
const activity = v.strictObject({ atMs: epochMs, tables: v.array(text) });

/** Whether calls to the cloud succeed; sent at the begin and at each change. */
const cloud = v.strictObject({
  state: v.picklist(["back", "lost"]),
  error: v.optional(text),
  remedy: v.optional(text),
});

export interface LiveEvents {
  readonly activity: v.InferOutput<typeof activity>;
  readonly cloud: v.InferOutput<typeof cloud>;
}
