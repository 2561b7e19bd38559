import { join } from "node:path";
import { systemClock } from "../base/clock.ts";
import { UploadError, type UploadSummary } from "./upload/summary.ts";
import { finishedFiles, hashFile, type FinishedFile } from "./sources/directory.ts";
import { openClip } from "./sources/file.ts";
import { SentFiles, STATE_FILE } from "./sources/sent-files.ts";
import { SourceError } from "./sources/source.ts";
import { startOf, uploadSource, type UploadOptions } from "./upload-source.ts";

interface UploadDirectoryOptions extends Omit<UploadOptions, "startMs" | "resumeAt" | "onSafe"> {
  readonly folder: string;
  /** Goes on with files that are added later, until the signal aborts. */
  readonly watch: boolean;
  /** Default: `.doorstep-sent.jsonl` in the folder. */
  readonly stateFile?: string;
}

/** The outcome of one file of the folder. */
export type FileOutcome =
  | { readonly file: string; readonly outcome: "sent"; readonly summary: UploadSummary }
  | { readonly file: string; readonly outcome: "sent-before" }
  | {
      readonly file: string;
      readonly outcome: "failed";
      readonly error: Error;
      readonly summary?: UploadSummary;
    };

/**
 * Sends the video files of a folder one after another, each when it is finished, and the same content only once: the state
 * file lists what was sent. An interrupted file is resumed after its last safe fragment, with the same times. A file that
 * cannot be sent does not keep the others from being sent.
 * @throws UploadError when the stream cannot be reached or refuses video: then no other file can be sent either
 */
export async function* uploadDirectory(options: UploadDirectoryOptions): AsyncGenerator<FileOutcome> {
  const { folder, watch, signal, clock = systemClock, stateFile = join(folder, STATE_FILE) } = options;
  const sent = await SentFiles.open(stateFile, options.stream.name);
  for await (const file of finishedFiles({ folder, watch, clock, ...(signal && { signal }) })) {
    try {
      const summary = await sendOnce(file, sent, options);
      yield summary
        ? { file: file.name, outcome: "sent", summary }
        : { file: file.name, outcome: "sent-before" };
    } catch (error) {
      const reason = error instanceof UploadError ? error.cause : error;
      if (!(reason instanceof SourceError)) throw error;
      const summary = error instanceof UploadError ? { summary: error.summary } : {};
      yield { file: file.name, outcome: "failed", error: reason, ...summary };
    }
  }
}

/** Undefined when the content was sent before. */
async function sendOnce(
  { path, name, sizeBytes, modifiedAtMs }: FinishedFile,
  sent: SentFiles,
  options: UploadDirectoryOptions,
): Promise<UploadSummary | undefined> {
  const { clock = systemClock, signal } = options;
  const state = { sizeBytes, modifiedAtMs };
  const sha256 = sent.hashOf(name, state) ?? (await hashFile(path));
  const before = sent.find(sha256);
  if (before?.isDone) return undefined;
  const clip = await openClip(path);
  try {
    const { startMs, startFrom } = startOf(clip, before ? { startMs: before.startMs } : options, clock);
    const entry = { sha256, name, ...state, startMs };
    let recording = Promise.resolve();
    const summary = await uploadSource(clip, {
      ...options,
      startMs,
      resumeAt: before?.safeBelow ?? 0,
      onSafe: (safeBelow) => {
        recording = recording.then(() => sent.record({ ...entry, safeBelow, isDone: false }));
        recording.catch(() => {});
      },
    });
    await recording;
    const safeBelow = (before?.safeBelow ?? 0) + summary.fragments;
    if (!signal?.aborted || safeBelow >= clip.plan.fragments)
      await sent.record({ ...entry, safeBelow: clip.plan.fragments, isDone: true });
    return { ...summary, startFrom };
  } finally {
    await clip.close();
  }
}
