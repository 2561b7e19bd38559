import * as v from "valibot";
import { cameraIdParameter, wholeParameter } from "./values.ts";

const time = wholeParameter(0, Number.MAX_SAFE_INTEGER);

/** The longest clip. GetClip returns the first 200 fragments or 100 MB (documented: GetClip). */
const MAX_CLIP_MS = 600_000;

export const clipQuery = v.pipe(
  v.strictObject({
    camera: cameraIdParameter,
    /** Producer times, epoch milliseconds. */
    from: time,
    to: time,
  }),
  v.check(({ from, to }) => from < to, "expected from before to"),
  v.check(({ from, to }) => to - from <= MAX_CLIP_MS, `expected at most ${MAX_CLIP_MS / 60_000} minutes`),
);
