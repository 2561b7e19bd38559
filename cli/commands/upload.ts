import { stat } from "node:fs/promises";
import { join } from "node:path";
import { asError, errorMessage } from "../../base/errors.ts";
import { isTimeZone } from "../../base/time-zone.ts";
import { MAX_CLOCK_LEAD_MS, MAX_MOTION_AGE_MS } from "../../core/sessions/reduce.ts";
import { Fleet } from "../../operator/fleet.ts";
import { SourceError, type VideoSource } from "../../uploader/sources/source.ts";
import { openClip } from "../../uploader/sources/file.ts";
import { openRtsp } from "../../uploader/sources/rtsp.ts";
import { openStandardInput } from "../../uploader/sources/standard-input.ts";
import { parseStart } from "../../uploader/start-time.ts";
import { uploadDirectory } from "../../uploader/upload-directory.ts";
import { startOf, uploadSource, type UploadOptions } from "../../uploader/upload-source.ts";
import type { UploadError, UploadSummary } from "../../uploader/upload/summary.ts";
import { VideoStream } from "../../uploader/video-stream.ts";
import { CLOUD_FLAGS, clientConfig, findCamera, STACK_FLAG } from "../cloud.ts";
import { defineCommand, UsageError } from "../command.ts";
import type { Console } from "../console.ts";
import { checkCodec } from "../check-clip.ts";
import { labelsLine, shareLabels, type Labels } from "../labels.ts";
import { reportMotion } from "../../operator/report-motion.ts";
import { iso } from "../text.ts";
import { motionLine, progressLine, summaryLines } from "../upload-text.ts";

const FLAGS = {
  camera: { type: "string", value: "<id>", about: "id of a registered camera" },
  stream: { type: "string", value: "<name>", about: "name of a Kinesis video stream, instead of a camera" },
  start: {
    type: "string",
    value: "<time>",
    about:
      "time of the first frame: ISO 8601, epoch milliseconds, now, or file (its creation time, however old); by default the creation time, which must lie within the last day, or now if there is none",
  },
  zone: {
    type: "string",
    value: "<zone>",
    about: "time zone, e.g. Europe/Berlin, of a camera that writes its wall clock into its files",
  },
  motion: {
    type: "boolean",
    about: "with a camera: report motion for exactly the video that was sent, by the camera's own credential",
  },
  pace: {
    type: "string",
    value: "fast|realtime",
    default: "fast",
    about: "as fast as the stream accepts it, or at the speed of the video",
  },
  timecodes: {
    type: "string",
    value: "absolute|relative",
    default: "absolute",
    about: "timecodes of the fragments",
  },
  watch: { type: "boolean", about: "with a folder: go on with files that are added later, until Ctrl+C" },
  state: {
    type: "string",
    value: "<file>",
    about: "with a folder: file that lists what was sent; by default .doorstep-sent.jsonl in the folder",
  },
  ...STACK_FLAG,
  ...CLOUD_FLAGS,
} as const;

const NOTES = `<source> is an MP4, MOV, MKV or MPEG-TS file, a folder of such files, an rtsp:// address, or - for Matroska on
standard input. H.264 or H.265 video and AAC audio are sent without re-encoding. Files of a folder with the same content
are sent once. Video is analysed only where motion is reported: with --motion, or by a motion request with the video's
time as \`at\`. What was left out is in the summary, and as \`dropped\` in --json. --stream needs kinesisvideo:DescribeStream, GetDataEndpoint and PutMedia only; --camera also
cloudformation:DescribeStacks and dynamodb:GetItem; --motion also secretsmanager:GetSecretValue.`;

export const upload = defineCommand({
  name: "upload",
  about: "Upload video to a camera's Kinesis video stream",
  operands: ["<source>"],
  flags: FLAGS,
  notes: NOTES,
  async run({ flags, operands: [source], console, signal, clock }) {
    const { camera: cameraId, stream: streamName, stack, start, zone, watch, state } = flags;
    if ((cameraId === undefined) === (streamName === undefined))
      throw new UsageError("expected either --camera or --stream");
    const pace = oneOf("--pace", flags.pace, ["fast", "realtime"]);
    const timecodes = oneOf("--timecodes", flags.timecodes, ["absolute", "relative"]);
    const when = {
      ...(start !== undefined && readStart(start)),
      ...(zone !== undefined && { zone: readZone(zone) }),
    };
    if (zone !== undefined && (when.startMs !== undefined || when.startFrom === "now"))
      throw new UsageError("--zone is for the creation time of a file; leave it out with another --start");
    if (flags.motion && cameraId === undefined) throw new UsageError("--motion needs a --camera");
    const kind = await kindOf(source!);
    if (kind !== "folder" && (watch || state !== undefined))
      throw new UsageError(`--watch and --state need a folder; ${source} is not one`);
    if (kind === "folder" && (when.startMs !== undefined || when.startFrom === "now"))
      throw new UsageError("--start of a folder can only be file: each of its files has its own time");
    const config = clientConfig(flags);

    const camera = cameraId === undefined ? undefined : await findCamera(cameraId, stack, config);
    const stream = new VideoStream(streamName ?? camera!.streamName, config);
    const fleet = flags.motion ? await Fleet.open(stack, config, clock) : undefined;
    const afterwards: Afterwards = async ({ safe }) =>
      fleet
        ? { motionRequests: await reportMotion({ camera: camera!, safe }, { fleet, signal, clock }) }
        : {};
    const withLabels =
      (labels: Labels | undefined): Afterwards =>
      async (summary) => {
        if (labels) console.say(labelsLine(labels));
        return { ...labels, ...(await afterwards(summary)) };
      };
    const options: UploadOptions = {
      stream,
      pace,
      timecodeType: timecodes === "absolute" ? "ABSOLUTE" : "RELATIVE",
      signal,
      clock,
      onProgress: (progress) => console.progress(progressLine(progress)),
      ...when,
    };
    try {
      if (kind === "folder")
        await sendFolder(
          { ...options, folder: source!, watch, ...(state !== undefined && { stateFile: state }) },
          console,
          async (summary) => withLabels(await shareLabels(join(source!, summary.source), config))(summary),
        );
      else {
        const opened = await open(kind, source!);
        if (fleet) {
          checkCodec(opened.name, opened);
          checkMotionTime(startOf(opened, options, clock).startMs, clock.now());
        }
        const labels = kind === "file" ? await shareLabels(source!, config) : undefined;
        await sendOne(opened, options, console, withLabels(labels));
      }
    } finally {
      stream.close();
    }
  },
});

/** What is done once video is safe; the result is part of the summary. */
type Afterwards = (summary: UploadSummary) => Promise<Partial<Labels> & { motionRequests?: number }>;

async function sendOne(
  source: VideoSource,
  options: UploadOptions,
  console: Console,
  afterwards: Afterwards,
): Promise<void> {
  let summary: UploadSummary;
  try {
    summary = await uploadSource(source, options);
    const isWhole = source.plan === undefined || summary.fragments === source.plan.fragments;
    if (!isWhole) throw Object.assign(new Error("interrupted before all was sent"), { summary });
  } catch (error) {
    const { summary: partial } = error as Partial<UploadError>;
    if (partial) for (const line of summaryLines(partial)) console.say(line);
    throw error;
  } finally {
    await source.close();
  }
  for (const line of summaryLines(summary)) console.say(line);
  const motion = await afterwards(summary).catch((error: unknown) => {
    throw Object.assign(asError(error), { summary });
  });
  console.say(motionLine({ ...summary, ...motion }));
  console.result({ ...summary, ...motion });
}

async function sendFolder(
  options: Parameters<typeof uploadDirectory>[0],
  console: Console,
  afterwards: Afterwards,
): Promise<void> {
  const files = [];
  for await (const outcome of uploadDirectory(options)) {
    const { file } = outcome;
    let motion = {};
    if (outcome.outcome === "sent-before") console.say(`${file}: sent before`);
    else if (outcome.outcome === "failed") console.note(console.style("red", outcome.error.message));
    else {
      for (const line of summaryLines(outcome.summary)) console.say(line);
      motion = await afterwards(outcome.summary);
      console.say(motionLine({ ...outcome.summary, ...motion }));
    }
    const { name, message } = outcome.outcome === "failed" ? outcome.error : {};
    files.push({ ...outcome, ...motion, ...(name !== undefined && { error: { name, message } }) });
  }
  const failed = files.filter(({ outcome }) => outcome === "failed").length;
  if (failed > 0)
    throw Object.assign(new Error(`${failed} of ${files.length} files could not be sent`), {
      summary: files,
    });
  console.result({ files });
}

type Kind = "file" | "folder" | "rtsp" | "standard-input";

async function kindOf(source: string): Promise<Kind> {
  if (source === "-") return "standard-input";
  if (/^rtsps?:\/\//.test(source)) return "rtsp";
  const found = await stat(source).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") throw new SourceError("UNREACHABLE", `${source} does not exist`, error);
    throw error;
  });
  return found.isDirectory() ? "folder" : "file";
}

function open(kind: Exclude<Kind, "folder">, source: string): Promise<VideoSource> {
  if (kind === "standard-input") return openStandardInput(process.stdin);
  return kind === "rtsp" ? openRtsp(source) : openClip(source);
}

function oneOf<const T extends string>(flag: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (!found) throw new UsageError(`${flag} is ${value}; expected ${allowed.join(" or ")}`);
  return found;
}

/** @throws UsageError for a time at which the motion API takes no motion, before anything is sent */
function checkMotionTime(startMs: number, nowMs: number): void {
  if (startMs > nowMs + MAX_CLOCK_LEAD_MS || startMs < nowMs - MAX_MOTION_AGE_MS)
    throw new UsageError(
      `--motion is for video of the last day, and this begins at ${iso(startMs)}; --start now sends it as if it had just been recorded`,
    );
}

function readStart(text: string): Pick<UploadOptions, "startMs" | "startFrom"> {
  if (text === "now" || text === "file") return { startFrom: text };
  try {
    return { startMs: parseStart(text) };
  } catch (error) {
    throw new UsageError(`--start: ${errorMessage(error)}`);
  }
}

function readZone(zone: string): string {
  if (!isTimeZone(zone))
    throw new UsageError(`--zone is ${zone}; expected a name such as Europe/Berlin or America/New_York`);
  return zone;
}
