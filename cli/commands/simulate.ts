import * as v from "valibot";
import type { Made } from "../../operator/fleet.ts";
import { MAX_SESSION_SECONDS } from "../simulation/plan-sessions.ts";
import { cameraId as cameraIdSchema } from "../../schemas/camera.ts";
import { CLOUD_FLAGS, clientConfig, STACK_FLAG } from "../cloud.ts";
import { defineCommand, UsageError } from "../command.ts";
import type { Console } from "../console.ts";
import { findClips } from "../simulation/clips.ts";
import type { ClipReport } from "../simulation/run-clip.ts";
import { simulateClips } from "../simulation/simulate-clips.ts";
import { textTable } from "../table.ts";
import { counted, duration, iso } from "../text.ts";

const MAX_PARALLEL = 20;

const FLAGS = {
  camera: {
    type: "string",
    value: "<id>",
    about: "one camera that shows all clips in turn; else each has one named after its file",
  },
  parallel: { type: "string", value: "<n>", default: "4", about: `cameras at a time, 1 to ${MAX_PARALLEL}` },
  pace: {
    type: "string",
    value: "fast|realtime",
    default: "fast",
    about: "as if filmed until just now, sessions behind the upload; or as if filmed now, sessions alongside",
  },
  seconds: {
    type: "string",
    value: "<n>",
    default: String(MAX_SESSION_SECONDS),
    about: `longest session, 1 to ${MAX_SESSION_SECONDS}; a longer clip gets one after another`,
  },
  clean: { type: "boolean", about: "remove every camera that was made, whatever happened, Ctrl+C included" },
  ...STACK_FLAG,
  ...CLOUD_FLAGS,
} as const;

const NOTES = `Streams the clips of a folder (H.264 in MP4, MOV, MKV or MPEG-TS) through cameras and has these report motion, with signed
webhooks, over the whole of each clip. A camera that is missing is made: a Kinesis video stream that keeps 24 hours, a
Rekognition stream processor and a record. What is found on the way is shown; it goes the usual way into the lake, too,
where it stays, as do the images. The queue and the subscription that listen are always removed.
Exit code 1 if any clip failed. Other files are named and passed over.`;

export const simulate = defineCommand({
  name: "simulate",
  about: "Stream a folder of clips through cameras, with motion, and show what is detected",
  operands: ["<folder>"],
  flags: FLAGS,
  notes: NOTES,
  async run({ flags, operands: [folder], console, signal }) {
    const { camera, pace, stack, clean } = flags;
    if (pace !== "fast" && pace !== "realtime")
      throw new UsageError(`--pace is ${pace}; expected fast or realtime`);
    if (camera !== undefined) {
      const parsed = v.safeParse(cameraIdSchema, camera);
      if (!parsed.success) throw new UsageError(`--camera is ${camera}; ${parsed.issues[0].message}`);
    }
    const parallel = wholeNumber("--parallel", flags.parallel, MAX_PARALLEL);
    const maxSeconds = wholeNumber("--seconds", flags.seconds, MAX_SESSION_SECONDS);
    const config = clientConfig(flags);

    const { clips, skipped } = await findClips(folder!, camera, signal);
    for (const { file, reason } of skipped)
      console.say(console.style("yellow", `${file}: skipped, ${reason}`));
    if (clips.length === 0)
      throw Object.assign(new Error(`${folder} has no clip to simulate`), { report: { skipped } });
    const state = new Map<string, string>();
    const simulation = await simulateClips(clips, {
      stack,
      config,
      pace,
      maxSeconds,
      parallel,
      clean,
      signal,
      onProgress: (clip, text) => {
        state.set(clip, text);
        console.progress([...state].map(([name, now]) => `${name}: ${now}`).join(" · "));
      },
      onClip: (report) => {
        for (const name of [report.clip, report.cameraId]) state.delete(name);
        console.say(clipLine(report, console));
      },
    });
    tellSummary(simulation, console);
    const { problems } = simulation;
    const failed = clips.length - simulation.clips.filter(({ failure }) => failure === undefined).length;
    const report = { stack, ...simulation, skipped };
    const reasons = [
      ...(signal.aborted ? [signal.reason instanceof Error ? signal.reason.message : "interrupted"] : []),
      ...(failed > 0 ? [`${failed} of ${clips.length} clips failed`] : []),
      ...problems,
    ];
    if (reasons.length > 0) throw Object.assign(new Error([...new Set(reasons)].join("; ")), { report });
    console.result(report);
  },
});

function clipLine({ clip, cameraId, failure, sessions }: ClipReport, console: Console): string {
  if (failure !== undefined) return `${console.style("red", "failed")} ${clip} on ${cameraId}: ${failure}`;
  return `${console.style("green", "done")} ${clip} on ${cameraId}, ${counted(sessions.length, "session")}`;
}

type Outcome = Awaited<ReturnType<typeof simulateClips>>;

function tellSummary({ clips, left, removed }: Outcome, console: Console): void {
  if (clips.length > 0)
    console.say(
      `\n${textTable(
        ["clip", "camera", " fragments", " sessions", " analysed", "detections, when first seen in the clip"],
        clips.map((report) => [
          report.clip,
          report.cameraId,
          `${report.safeFragments}/${report.fragments}`,
          String(report.sessions.length),
          `${duration(analysedMs(report))} of ${duration(report.durationMs)}`,
          firstSeen(report) || (report.failure === undefined ? "nothing" : "failed"),
        ]),
      )}`,
    );
  if (removed > 0) console.say(`\nRemoved ${counted(removed, "camera")} again`);
  if (left.length > 0)
    console.say(`\nLeft in place (--clean removes what a run made):\n${left.map(leftLine).join("\n")}`);
}

const analysedMs = ({ sessions }: ClipReport): number =>
  sessions.reduce((sum, { processedMs }) => sum + processedMs, 0);

/** Each session tells of a class once; the table tells of it once for the clip. */
function firstSeen({ sightings, startMs }: ClipReport): string {
  const first = new Map<string, number>();
  for (const { label, seenAtMs } of sightings)
    first.set(label, Math.min(seenAtMs, first.get(label) ?? Infinity));
  return [...first]
    .toSorted(([, a], [, b]) => a - b)
    .map(([label, seenAtMs]) => `${label} ${duration(seenAtMs - startMs)} (${iso(seenAtMs)})`)
    .join(", ");
}

function leftLine({ cameraId, streamName, processorName, hasRecord }: Made): string {
  const things = [
    streamName !== undefined && `stream ${streamName}`,
    processorName !== undefined && `stream processor ${processorName}`,
    hasRecord && "record",
  ].filter(Boolean);
  return `  camera ${cameraId}: ${things.join(", ")}`;
}

function wholeNumber(flag: string, text: string, most: number): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1 || number > most)
    throw new UsageError(`${flag} is ${text}; expected a whole number from 1 to ${most}`);
  return number;
}
