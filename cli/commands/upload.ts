import { stat } from "node:fs/promises";
import { errorMessage } from "../../base/errors.ts";
import { SourceError, type VideoSource } from "../../uploader/sources/source.ts";
import { openClip } from "../../uploader/sources/file.ts";
import { openRtsp } from "../../uploader/sources/rtsp.ts";
import { openStandardInput } from "../../uploader/sources/standard-input.ts";
import { parseStart } from "../../uploader/start-time.ts";
import { uploadDirectory } from "../../uploader/upload-directory.ts";
import { uploadSource, type UploadOptions } from "../../uploader/upload-source.ts";
import type { UploadError } from "../../uploader/upload/summary.ts";
import { VideoStream } from "../../uploader/video-stream.ts";
import { CLOUD_FLAGS, clientConfig, findCamera, STACK_FLAG } from "../cloud.ts";
import { defineCommand, UsageError } from "../command.ts";
import type { Console } from "../console.ts";
import { progressLine, summaryLines } from "../upload-text.ts";

const FLAGS = {
  camera: { type: "string", value: "<id>", about: "id of a registered camera" },
  stream: { type: "string", value: "<name>", about: "name of a Kinesis video stream, instead of a camera" },
  start: {
    type: "string",
    value: "<time>",
    about:
      "recording time of the first frame, ISO 8601 or epoch milliseconds; by default from the file, else now",
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
are sent once. --stream needs kinesisvideo:DescribeStream, GetDataEndpoint and PutMedia only; --camera also
cloudformation:DescribeStacks and dynamodb:GetItem.`;

export const upload = defineCommand({
  name: "upload",
  about: "Upload video to a camera's Kinesis video stream",
  operands: ["<source>"],
  flags: FLAGS,
  notes: NOTES,
  async run({ flags, operands: [source], console, signal, clock }) {
    const { camera, stream: streamName, stack, start, watch, state } = flags;
    if ((camera === undefined) === (streamName === undefined))
      throw new UsageError("expected either --camera or --stream");
    const pace = oneOf("--pace", flags.pace, ["fast", "realtime"]);
    const timecodes = oneOf("--timecodes", flags.timecodes, ["absolute", "relative"]);
    const startMs = start === undefined ? undefined : readStart(start);
    const kind = await kindOf(source!);
    if (kind !== "folder" && (watch || state !== undefined))
      throw new UsageError(`--watch and --state need a folder; ${source} is not one`);
    if (kind === "folder" && startMs !== undefined)
      throw new UsageError("--start needs a single video; each file of a folder has its own time");
    const config = clientConfig(flags);

    const name = streamName ?? (await findCamera(camera!, stack, config)).streamName;
    const stream = new VideoStream(name, config);
    const options: UploadOptions = {
      stream,
      pace,
      timecodeType: timecodes === "absolute" ? "ABSOLUTE" : "RELATIVE",
      signal,
      clock,
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
    const summary = await uploadSource(source, options);
    const isWhole = source.plan === undefined || summary.fragments === source.plan.fragments;
    if (!isWhole) throw Object.assign(new Error("interrupted before all was sent"), { summary });
    for (const line of summaryLines(summary)) console.say(line);
    console.result(summary);
  } catch (error) {
    const { summary } = error as Partial<UploadError>;
    if (summary) for (const line of summaryLines(summary)) console.say(line);
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
    else for (const line of summaryLines(outcome.summary)) console.say(line);
    const { name, message } = outcome.outcome === "failed" ? outcome.error : {};
    files.push({ ...outcome, ...(name !== undefined && { error: { name, message } }) });
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

function readStart(text: string): number {
  try {
    return parseStart(text);
  } catch (error) {
    throw new UsageError(`--start: ${errorMessage(error)}`);
  }
}
