import { stat } from "node:fs/promises";
import { errorMessage } from "../../base/errors.ts";
import { SourceError, type VideoSource } from "../../uploader/sources/source.ts";
import { openClip } from "../../uploader/sources/file.ts";
import { openRtsp } from "../../uploader/sources/rtsp.ts";
import { openStandardInput } from "../../uploader/sources/standard-input.ts";
import { parseStart } from "../../uploader/start-time.ts";
import { upload as uploadSource, type UploadOptions } from "../../uploader/upload.ts";
import { uploadDirectory } from "../../uploader/upload-directory.ts";
import { VideoStream } from "../../uploader/video-stream.ts";
import { CLOUD_FLAGS, clientConfig, findCamera, STACK_FLAG } from "../cloud.ts";
import { defineCommand, UsageError } from "../command.ts";
import type { Console } from "../console.ts";
import { progressLine, summaryLines } from "../upload-text.ts";

const FLAGS = {
  camera: { type: "string", value: "<id>", about: "the camera, as registered in the stack" },
  stream: { type: "string", value: "<name>", about: "instead of a camera: the Kinesis video stream itself" },
  start: {
    type: "string",
    value: "<time>",
    about: "when the first frame was recorded, ISO 8601 or epoch ms; else what the file says, else now",
  },
  pace: {
    type: "string",
    value: "fast|realtime",
    default: "fast",
    about: "as fast as the stream takes it, or at the speed of the video",
  },
  timecodes: { type: "string", value: "absolute|relative", default: "absolute", about: "of the fragments" },
  watch: { type: "boolean", about: "of a folder: go on with files that come later, until Ctrl+C" },
  state: {
    type: "string",
    value: "<file>",
    about: "of a folder: where to remember what was sent; else .doorstep-sent.jsonl in it",
  },
  ...STACK_FLAG,
  ...CLOUD_FLAGS,
} as const;

const NOTES = `<source> is an MP4, MOV, MKV or MPEG-TS file, a folder of them, an rtsp:// address, or - for Matroska on
standard input. H.264 or H.265 video and AAC audio go as they are. A folder's file is sent once, by content.
Without a camera in a stack, --stream needs kinesisvideo:DescribeStream, GetDataEndpoint and PutMedia, no more.`;

export const upload = defineCommand({
  name: "upload",
  about: "Put video into a camera's Kinesis video stream",
  operands: ["<source>"],
  flags: FLAGS,
  notes: NOTES,
  async run({ flags, operands: [source], console, signal }) {
    const { camera, stream: streamName, stack, start, watch, state } = flags;
    if ((camera === undefined) === (streamName === undefined))
      throw new UsageError("expected either --camera or --stream");
    const pace = oneOf("--pace", flags.pace, ["fast", "realtime"]);
    const timecodes = oneOf("--timecodes", flags.timecodes, ["absolute", "relative"]);
    const startMs = start === undefined ? undefined : readStart(start);
    const kind = await kindOf(source!);
    if (kind !== "folder" && (watch || state !== undefined))
      throw new UsageError(`--watch and --state are for folders; ${source} is none`);
    if (kind === "folder" && startMs !== undefined)
      throw new UsageError("--start is for one video; each file of a folder has its own time");
    const config = clientConfig(flags);

    const name = streamName ?? (await findCamera(camera!, stack, config)).streamName;
    const stream = new VideoStream(name, config);
    const options: UploadOptions = {
      stream,
      pace,
      timecodeType: timecodes === "absolute" ? "ABSOLUTE" : "RELATIVE",
      signal,
      onProgress: (progress) => console.progress(progressLine(progress)),
      ...(startMs !== undefined && { startMs }),
    };
    try {
      if (kind === "folder")
        await sendFolder(
          { ...options, folder: source!, watch, ...(state !== undefined && { stateFile: state }) },
          console,
        );
      else await sendOne(await open(kind, source!), options, console);
    } finally {
      stream.close();
    }
  },
});

async function sendOne(source: VideoSource, options: UploadOptions, console: Console): Promise<void> {
  try {
    const report = await uploadSource(source, options);
    for (const line of summaryLines(report)) console.say(line);
    const isWhole = source.plan === undefined || report.fragments === source.plan.fragments;
    if (!isWhole) throw Object.assign(new Error("interrupted before all was sent"), { report });
    console.result(report);
  } catch (error) {
    const { report } = error as { report?: Parameters<typeof summaryLines>[0] };
    if (report) for (const line of summaryLines(report)) console.say(line);
    throw error;
  } finally {
    await source.close();
  }
}

async function sendFolder(options: Parameters<typeof uploadDirectory>[0], console: Console): Promise<void> {
  const files = [];
  for await (const outcome of uploadDirectory(options)) {
    const { file } = outcome;
    if (outcome.outcome === "sent-before") console.say(`${file}: sent before`);
    else if (outcome.outcome === "failed") console.note(console.style("red", outcome.error.message));
    else for (const line of summaryLines(outcome.report)) console.say(line);
    const { name, message } = outcome.outcome === "failed" ? outcome.error : {};
    files.push({ ...outcome, ...(name !== undefined && { error: { name, message } }) });
  }
  const failed = files.filter(({ outcome }) => outcome === "failed").length;
  if (failed > 0)
    throw Object.assign(new Error(`${failed} of ${files.length} files could not be sent`), { report: files });
  console.result({ files });
}

type Kind = "file" | "folder" | "rtsp" | "standard-input";

async function kindOf(source: string): Promise<Kind> {
  if (source === "-") return "standard-input";
  if (/^rtsps?:\/\//.test(source)) return "rtsp";
  const found = await stat(source).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") throw new SourceError("UNREACHABLE", `there is no ${source}`, error);
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

function readStart(text: string): number {
  try {
    return parseStart(text);
  } catch (error) {
    throw new UsageError(`--start: ${errorMessage(error)}`);
  }
}
