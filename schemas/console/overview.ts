import * as v from "valibot";
import { epochMs, text } from "./values.ts";

export const overview = v.strictObject({
  stack: text,
  region: text,
  cloud: v.picklist(["local", "aws"]),
  /** Registered cameras, and those that only the lake knows, in the order of their ids. */
  cameras: v.array(v.strictObject({ cameraId: text, isRegistered: v.boolean(), isSynthetic: v.boolean() })),
  /** The labels that the lake's latest rows have, in capitals, in alphabetical order. */
  labels: v.array(text),
  /** Enrolled persons, by name. */
  persons: v.array(v.strictObject({ personId: text, name: v.optional(text) })),
  /** Whether the lake has no file yet. */
  isLakeEmpty: v.boolean(),
  /** Whether it has rows of synthetic cameras only. */
  isSyntheticOnly: v.boolean(),
  nowMs: epochMs,
});

export type Overview = v.InferOutput<typeof overview>;
