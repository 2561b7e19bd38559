import type { CameraParts } from "../../operator/fleet.ts";
import { MAX_SESSION_SECONDS } from "../simulation/plan-sessions.ts";
import { checkCameraId, CLOUD_FLAGS, clientConfig, STACK_FLAG } from "../cloud.ts";
import { defineCommand, UsageError } from "../command.ts";
import type { Console } from "../console.ts";
import { readNumberFlag } from "../number.ts";
import { findClips } from "../simulation/clips.ts";
import { labelsLine } from "../labels.ts";
import type { ClipSummary } from "../simulation/run-clip.ts";
import { simulateClips } from "../simulation/simulate-clips.ts";
import { textTable } from "../table.ts";
import { counted, duration, iso } from "../text.ts";

const MAX_PARALLEL = 20;

const FLAGS = {
  camera: {
    type: "string",
    value: "<id>",
    about: "one camera for all clips, one after another; by default a camera per clip, named after its file",
  },
  parallel: {
    type: "string",
    value: "<n>",
    default: "4",
    about: `number of cameras at a time, 1 to ${MAX_PARALLEL}`,
  },
  pace: {
    type: "string",
    value: "fast|realtime",
    default: "fast",
    about: "fast: sessions after the upload; realtime: sessions during it, at the speed of the video",
  },
  seconds: {
    type: "string",
    value: "<n>",
    default: String(MAX_SESSION_SECONDS),
    about: `longest session in seconds, 1 to ${MAX_SESSION_SECONDS}; a longer clip gets several`,
  },
  clean: { type: "boolean", about: "remove every camera that was created, even after an error or Ctrl+C" },
  ...STACK_FLAG,
  ...CLOUD_FLAGS,
} as const;

const NOTES = `Uploads the clips of a folder (H.264 in MP4, MOV, MKV or MPEG-TS) through cameras, and sends signed motion webhooks for the
whole length of each clip. Missing cameras are created, with the engine that camera add chooses: a Kinesis video stream that
keeps video for 24 hours, a record and, where the account can use them, a Rekognition stream processor. It prints the
detections, which also reach the lake; rows and images stay there. The queue and the subscription that receive the
notifications are always removed. Other files are listed and skipped.
The exit code is 1 if any clip fails.`;

export const simulate = defineCommand({
  name: "simulate",
  about: "Upload a folder of clips through cameras, with motion, and print the detections",
  operands: ["<folder>"],
  flags: FLAGS,
  notes: NOTES,
  async run({ flags, operands: [folder], console, signal, clock }) {
    const { camera, pace, stack, clean } = flags;
    if (pace !== "fast" && pace !== "realtime")
      throw new UsageError(`--pace is ${pace}; expected fast or realtime`);
    if (camera !== undefined) checkCameraId("--camera", camera);
    const parallel = readNumberFlag("--parallel", flags.parallel, { least: 1, most: MAX_PARALLEL });
    const maxSeconds = readNumberFlag("--seconds", flags.seconds, { least: 1, most: MAX_SESSION_SECONDS });
    const config = clientConfig(flags);

    const { clips, skipped } = await findClips(folder!, camera, signal);
    for (const { file, reason } of skipped)
      console.say(console.style("yellow", `${file}: skipped, ${reason}`));
    if (clips.length === 0)
      throw Object.assign(new Error(`${folder} has no clip to simulate`), { summary: { skipped } });
    const state = new Map<string, string>();
    const simulation = await simulateClips(clips, {
      stack,
      config,
      pace,
      maxSeconds,
      parallel,
      clean,
      signal,
      clock,
      onProgress: (clip, text) => {
        state.set(clip, text);
        console.progress([...state].map(([name, now]) => `${name}: ${now}`).join(" · "));
      },
      onClip: (summary) => {
        for (const name of [summary.clip, summary.cameraId]) state.delete(name);
        console.say(clipLine(summary, console));
        if (summary.labelsFile !== undefined)
          console.say(labelsLine({ ...summary, labelsFile: summary.labelsFile }));
        for (const notice of summary.notices ?? []) console.say(`  ${notice}`);
      },
    });
    printSummary(simulation, console);
    const { problems } = simulation;
    const failed = clips.length - simulation.clips.filter(({ failure }) => failure === undefined).length;
    const summary = { stack, ...simulation, skipped };
    const reasons = [
      ...(signal.aborted ? [signal.reason instanceof Error ? signal.reason.message : "interrupted"] : []),
      ...(failed > 0 ? [`${failed} of ${clips.length} clips failed`] : []),
      ...problems,
    ];
    if (reasons.length > 0) throw Object.assign(new Error([...new Set(reasons)].join("; ")), { summary });
    console.result(summary);
  },
});

function clipLine({ clip, cameraId, failure, sessions }: ClipSummary, console: Console): string {
  if (failure !== undefined) return `${console.style("red", "failed")} ${clip} on ${cameraId}: ${failure}`;
  return `${console.style("green", "done")} ${clip} on ${cameraId}, ${counted(sessions.length, "session")}`;
}

type Outcome = Awaited<ReturnType<typeof simulateClips>>;

function printSummary({ clips, left, removed }: Outcome, console: Console): void {
  if (clips.length > 0)
    console.say(
      `\n${textTable(
        ["clip", "camera", " fragments", " sessions", " analysed", "first detections in the clip"],
        clips.map((summary) => [
          summary.clip,
          summary.cameraId,
          `${summary.safeFragments}/${summary.fragments}`,
          String(summary.sessions.length),
          `${duration(analysedMs(summary))} of ${duration(summary.durationMs)}`,
          firstDetections(summary) || (summary.failure === undefined ? "nothing" : "failed"),
        ]),
      )}`,
    );
  if (removed > 0) console.say(`\nRemoved ${counted(removed, "camera")}`);
  if (left.length > 0)
    console.say(`\nKept (--clean removes what a run created):\n${left.map(leftLine).join("\n")}`);
}

const analysedMs = ({ sessions }: ClipSummary): number =>
  sessions.reduce((sum, { processedMs }) => sum + processedMs, 0);

/** Each session reports a label once; the table has its first detection in the clip. */
function firstDetections({ detections, startMs }: ClipSummary): string {
  const first = new Map<string, number>();
  for (const { label, detectedAtMs } of detections)
    first.set(label, Math.min(detectedAtMs, first.get(label) ?? Infinity));
  return [...first]
    .toSorted(([, a], [, b]) => a - b)
    .map(([label, atMs]) => `${label} ${duration(atMs - startMs)} (${iso(atMs)})`)
    .join(", ");
}

function leftLine({ cameraId, streamName, processorName, hasRecord }: CameraParts): string {
  const things = [
    streamName !== undefined && `stream ${streamName}`,
    processorName !== undefined && `stream processor ${processorName}`,
    hasRecord && "record",
  ].filter(Boolean);
  return `  camera ${cameraId}: ${things.join(", ")}`;
}
