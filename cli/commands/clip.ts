import { systemClock } from "../../base/clock.ts";
import { planClip } from "../../analysis/clip-plan.ts";
import type { Span } from "../../analysis/coverage.ts";
import { defineCommand, UsageError } from "../command.ts";
import { fetchClip, refuseExisting } from "../fetch-clip.ts";
import { findFragments, FOOTAGE_FLAGS, openFootage } from "../footage.ts";
import { counted, duration, iso, megabytes, readTime, TIME_NOTE } from "../text.ts";

const FLAGS = {
  from: { type: "string", value: "<time>", about: "where the clip begins; needed" },
  to: { type: "string", value: "<time>", about: "where it ends; needed" },
  output: { type: "string", short: "o", value: "<file>", about: "the MP4 file to write; needed" },
  gaps: {
    type: "string",
    value: "keep|close",
    default: "keep",
    about: "a gap lasts as long as it did, or what follows it begins where it begins",
  },
  force: { type: "boolean", about: "replace the file if there is one" },
  ...FOOTAGE_FLAGS,
} as const;

const NOTES = `${TIME_NOTE}
A clip consists of whole fragments, so it begins and ends a little outside of what was asked for; the real bounds are
told. What GetClip does not give at once (100 MB, 200 fragments) is fetched in parts and joined, frames untouched. With
gaps kept, the time in the clip is the time that had passed: in a gap the last picture stands still. With gaps closed it
is shorter. Footage that was uploaded twice comes once.
Needs kinesisvideo:GetDataEndpoint, ListFragments and GetClip, and for a camera the stack's outputs and table of cameras.`;

export const clip = defineCommand({
  name: "clip",
  about: "Fetch the footage of a span of time as one MP4 file",
  operands: ["<camera>"],
  flags: FLAGS,
  notes: NOTES,
  async run({ flags, operands: [camera], console, signal }) {
    const nowMs = systemClock.now();
    const { output: file, gaps, force } = flags;
    if (flags.from === undefined || flags.to === undefined || file === undefined)
      throw new UsageError("expected --from, --to and --output");
    if (gaps !== "keep" && gaps !== "close")
      throw new UsageError(`--gaps is ${gaps}; expected keep or close`);
    const asked: Span = {
      startMs: readTime("--from", flags.from, nowMs),
      endMs: readTime("--to", flags.to, nowMs),
    };
    if (asked.startMs >= asked.endMs) throw new UsageError("--from must be before --to");
    if (!force) await refuseExisting(file);
    const { footage, streamName } = await openFootage(camera!, flags);
    try {
      const fragments = await findFragments(footage, asked, { console, signal, nowMs });
      const plan = planClip(fragments, asked);
      const { parts, repeatedFragments } = plan;
      if (parts.length === 0)
        throw new Error(`${camera} has no footage from ${iso(asked.startMs)} to ${iso(asked.endMs)}`);
      const got = await fetchClip(parts, {
        footage,
        file,
        gaps,
        force,
        signal,
        onProgress: (text) => console.progress(text),
      });
      const [bytes, count] = parts.reduce(
        ([sum, all], part) => [sum + part.bytes, all + part.fragments],
        [0, 0],
      );
      console.say(
        `${file}: ${counted(count, "fragment")} in ${counted(parts.length, "part")}, ${megabytes(bytes)}`,
      );
      console.say(`  asked  ${spanText(asked)}`);
      console.say(`  got    ${spanText(got)}`);
      for (const gap of got.gaps) console.say(console.style("yellow", `  gap    ${spanText(gap)}`));
      if (repeatedFragments > 0)
        console.say(`  left out ${counted(repeatedFragments, "fragment")} showing what others show, too`);
      console.result({
        camera,
        streamName,
        file,
        asked,
        got: { startMs: got.startMs, endMs: got.endMs },
        gaps: got.gaps,
        fragments: count,
        parts: parts.length,
        repeatedFragments,
      });
    } finally {
      footage.close();
    }
  },
});

const spanText = ({ startMs, endMs }: Span): string =>
  `${iso(startMs)} to ${iso(endMs)} (${duration(endMs - startMs)})`;
