/**
 * Bounds of one fragment: 1..20 s, 50 MB, and 5 a second (documented: Kinesis Video Streams service quotas,
 * PutMedia). No acknowledgement error stands for a fragment that is too short, so the last may be.
 */
export const fragmentLimits = { minMs: 1000, maxMs: 20_000, maxBytes: 50_000_000, perSecond: 5 };

/** What the plan needs to know of a frame: times from the start of the clip. */
export type FrameFacts = { atMs: number; keyframe: boolean; sizeBytes: number };

/** A fragment to be: where it starts in the clip, and how many video frames, in decode order, it takes. */
export type FragmentPlan = { startMs: number; durationMs: number; frames: number; sizeBytes: number };

/**
 * Cuts a clip into fragments: one starts at each keyframe, unless the fragment before it would be shorter than a
 * second. `frames` come in decode order and begin with a keyframe; `endMs` is where the last frame ends. Throws a
 * RangeError with the reason when a fragment would be longer or larger than Kinesis Video Streams takes.
 */
export function planFragments(frames: Iterable<FrameFacts>, endMs: number): FragmentPlan[] {
  const fragments: FragmentPlan[] = [];
  for (const { atMs, keyframe, sizeBytes } of frames) {
    const current = fragments.at(-1);
    if (!current || (keyframe && Math.round(atMs - current.startMs) >= fragmentLimits.minMs))
      fragments.push({ startMs: atMs, durationMs: 0, frames: 1, sizeBytes });
    else {
      current.frames++;
      current.sizeBytes += sizeBytes;
    }
  }
  fragments.forEach((fragment, i) => {
    fragment.durationMs = (fragments[i + 1]?.startMs ?? endMs) - fragment.startMs;
    const where = `from ${seconds(fragment.startMs)} to ${seconds(fragment.startMs + fragment.durationMs)}`;
    if (fragment.durationMs > fragmentLimits.maxMs)
      throw new RangeError(
        `no keyframe ${where}, but a fragment begins with one and lasts at most ${seconds(fragmentLimits.maxMs)}; ` +
          `encode it again with a keyframe every 2 s`,
      );
    if (fragment.sizeBytes > fragmentLimits.maxBytes)
      throw new RangeError(
        `${fragment.sizeBytes} bytes of video ${where}; a fragment holds at most ${fragmentLimits.maxBytes} bytes; ` +
          `encode it again with a lower bit rate or more keyframes`,
      );
  });
  return fragments;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
