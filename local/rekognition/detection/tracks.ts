import * as v from "valibot";
import type { Box } from "./detector.ts";

/** How far rounding may take a box beyond the frame's edge. */
const EDGE_TOLERANCE = 0.001;

const ratio = v.pipe(
  v.number("expected a number 0..1"),
  v.check(
    (value) => value >= 0 && value <= 1,
    ({ input }) => `is ${String(input)}; expected 0..1`,
  ),
);
export const box = v.pipe(
  v.object({ left: ratio, top: ratio, width: ratio, height: ratio }),
  v.check(
    ({ left, width }) => left + width <= 1 + EDGE_TOLERANCE,
    "reaches over the right edge of the frame: left + width is over 1",
  ),
  v.check(
    ({ top, height }) => top + height <= 1 + EDGE_TOLERANCE,
    "reaches under the bottom edge of the frame: top + height is over 1",
  ),
);
export const confidence = v.pipe(
  v.number("expected 0..100"),
  v.minValue(0, "expected 0..100"),
  v.maxValue(100, "expected 0..100"),
);
const offsetMillis = v.pipe(
  v.number("expected milliseconds"),
  v.minValue(0, "expected milliseconds from the start of the clip"),
);

/** Where something is in a clip: its box is linear between keyframes, and absent outside them. */
export const keyframes = v.pipe(
  v.array(v.object({ offsetMillis, box })),
  v.minLength(2, "expected at least 2 keyframes: where the object appears and where it disappears"),
  v.check(
    (frames) =>
      frames.every((frame, index) => index === 0 || frame.offsetMillis > frames[index - 1]!.offsetMillis),
    "expected keyframes in order of offsetMillis, none twice",
  ),
);

/** The box at this offset from the clip's first frame. */
export function boxAt(frames: v.InferOutput<typeof keyframes>, offsetMs: number): Box | undefined {
  const after = frames.findIndex((keyframe) => keyframe.offsetMillis >= offsetMs);
  const to = frames[after];
  const from = frames[after - 1] ?? to;
  if (!to || !from || from.offsetMillis > offsetMs) return undefined;
  const spanMs = to.offsetMillis - from.offsetMillis;
  return between(from.box, to.box, spanMs === 0 ? 1 : (offsetMs - from.offsetMillis) / spanMs);
}

function between(from: Box, to: Box, share: number): Box {
  const mix = (side: keyof Box) => from[side] + (to[side] - from[side]) * share;
  return { left: mix("left"), top: mix("top"), width: mix("width"), height: mix("height") };
}
