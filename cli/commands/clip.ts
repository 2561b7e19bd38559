import { planClip } from "../../analysis/clip-plan.ts";
import type { Span } from "../../analysis/coverage.ts";
import { defineCommand, UsageError } from "../command.ts";
import { fetchClip, refuseExisting } from "../fetch-clip.ts";
import { findFragments, FOOTAGE_FLAGS, openFootage } from "../footage.ts";
import { counted, duration, iso, megabytes, readTime, TIME_NOTE } from "../text.ts";

const FLAGS = {
  from: { type: "string", value: "<time>", about: "start of the clip; required" },
  to: { type: "string", value: "<time>", about: "end of the clip; required" },
  output: { type: "string", short: "o", value: "<file>", about: "MP4 file to write; required" },
  gaps: {
    type: "string",
    value: "keep|close",
    default: "keep",
    about: "keep gaps at their duration, or close them",
  },
  force: { type: "boolean", about: "replace an existing file" },
  ...FOOTAGE_FLAGS,
} as const;

const NOTES = `${TIME_NOTE}
A clip consists of whole fragments, so it begins and ends a little outside of the requested times; the output has the real
bounds. GetClip returns at most 100 MB or 200 fragments at once, so longer clips are fetched in parts and joined without
re-encoding. With gaps kept, time in the clip is real time: during a gap the last frame is shown. With gaps closed, the
clip is shorter. Footage that was uploaded twice appears once.
Needs kinesisvideo:GetDataEndpoint, ListFragments and GetClip, and for a camera cloudformation:DescribeStacks and dynamodb:GetItem.`;

export const clip = defineCommand({
  name: "clip",
  about: "Fetch a camera's footage of an interval as one MP4 file",
  operands: ["<camera>"],
  flags: FLAGS,
  notes: NOTES,
  async run({ flags, operands: [camera], console, signal, clock }) {
    const nowMs = clock.now();
    const { output: file, gaps, force } = flags;
    if (flags.from === undefined || flags.to === undefined || file === undefined)
      throw new UsageError("expected --from, --to and --output");
    if (gaps !== "keep" && gaps !== "close")
      throw new UsageError(`--gaps is ${gaps}; expected keep or close`);
    const requested: Span = {
      startMs: readTime("--from", flags.from, nowMs),
      endMs: readTime("--to", flags.to, nowMs),
    };
    if (requested.startMs >= requested.endMs) throw new UsageError("--from must be before --to");
    if (!force) await refuseExisting(file);
    const { footage, streamName } = await openFootage(camera!, flags, clock);
    try {
      const fragments = await findFragments(footage, requested, { console, signal, nowMs });
      const plan = planClip(fragments, requested);
      const { parts, repeatedFragments } = plan;
      if (parts.length === 0)
        throw new Error(`${camera} has no footage from ${iso(requested.startMs)} to ${iso(requested.endMs)}`);
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
      console.say(`  requested  ${spanText(requested)}`);
      console.say(`  got        ${spanText(got)}`);
      for (const gap of got.gaps) console.say(console.style("yellow", `  gap        ${spanText(gap)}`));
      if (repeatedFragments > 0)
        console.say(`  left out ${counted(repeatedFragments, "fragment")} that repeat the time of others`);
      console.result({
        camera,
        streamName,
        file,
        requested,
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
