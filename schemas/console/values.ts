/** Values that several resources of the console's read API share. */
import * as v from "valibot";
import { ENGINES } from "../engine.ts";

export const epochMs = v.pipe(v.number(), v.integer(), v.minValue(0));
export const count = v.pipe(v.number(), v.integer(), v.minValue(0));
export const text = v.string();
export const engine = v.picklist(ENGINES);

/** Producer times, epoch milliseconds; the end is exclusive. */
export const interval = v.strictObject({ fromMs: epochMs, untilMs: epochMs });

/** The box of a detection, in shares of the frame. */
export const box = v.strictObject({
  left: v.number(),
  top: v.number(),
  width: v.number(),
  height: v.number(),
});

/** The address of a picture on this server: `/api/pictures/…`. */
export const pictureUrl = v.pipe(v.string(), v.startsWith("/api/pictures/"));

/** The id of a camera in an address. The lake may hold rows of cameras whose ids the registry would not accept. */
export const cameraIdParameter = v.pipe(v.string(), v.minLength(1), v.maxLength(512));

/** A chain of sessions: the camera's id, a dot, and where its first session began, epoch milliseconds. */
export const chainId = v.pipe(
  v.string(),
  v.maxLength(540),
  v.regex(/^.{1,512}\.\d{1,15}$/s, "expected a chain's id, e.g. front-door.1700000000000"),
);

/** A whole number in an address. */
export const wholeParameter = (min: number, max: number) =>
  v.pipe(
    v.string(),
    v.regex(/^\d{1,15}$/, "expected a whole number"),
    v.transform(Number),
    v.minValue(min, `expected at least ${min}`),
    v.maxValue(max, `expected at most ${max}`),
  );

/** True or false in an address. */
export const flagParameter = v.pipe(
  v.picklist(["true", "false"], "expected true or false"),
  v.transform((value) => value === "true"),
);

/** Every refusal: what went wrong, and what to do. */
export const problem = v.strictObject({ error: text, remedy: text });

export type Problem = v.InferOutput<typeof problem>;
