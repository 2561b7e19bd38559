import { join } from "node:path";
import { systemClock } from "../base/clock.ts";
import { UploadError, type UploadReport } from "./session/report.ts";
import { finishedFiles, hashFile, type FinishedFile } from "./sources/directory.ts";
import { openClip } from "./sources/file.ts";
import { SentFiles, STATE_FILE } from "./sources/sent-files.ts";
import { SourceError } from "./sources/source.ts";
import { checkStartMs } from "./start-time.ts";
import { upload, type UploadOptions } from "./upload.ts";

export interface UploadDirectoryOptions extends Omit<UploadOptions, "startMs" | "resumeAt" | "onSafe"> {
  readonly folder: string;
  /** Goes on with files that come later, until the signal aborts. */
  readonly watch: boolean;
  /** Default: `.doorstep-sent.jsonl` in the folder. */
  readonly stateFile?: string;
}

/** What came of one file of the folder. */
export type FileOutcome =
  | { readonly file: string; readonly outcome: "sent"; readonly report: UploadReport }
  | { readonly file: string; readonly outcome: "sent-before" }
  | {
      readonly file: string;
      readonly outcome: "failed";
      readonly error: Error;
      readonly report?: UploadReport;
    };

/**
 * Sends the video files of a folder one after another, each once it is finished and never one with the same content
 * twice: what was sent is kept in the state file. A file that was interrupted goes on behind its last safe fragment,
 * at the times it had. One that cannot be sent does not keep the others from it.
 * @throws UploadError when the stream itself cannot be reached or refuses: then no other file could be sent either
 */
export async function* uploadDirectory(options: UploadDirectoryOptions): AsyncGenerator<FileOutcome> {
  const { folder, watch, signal, clock = systemClock, stateFile = join(folder, STATE_FILE) } = options;
  const sent = await SentFiles.open(stateFile, options.stream.name);
  for await (const file of finishedFiles({ folder, watch, clock, ...(signal && { signal }) })) {
    try {
      const report = await sendOnce(file, sent, options);
      yield report
        ? { file: file.name, outcome: "sent", report }
        : { file: file.name, outcome: "sent-before" };
    } catch (error) {
      const reason = error instanceof UploadError ? error.cause : error;
      if (!(reason instanceof SourceError)) throw error;
      const report = error instanceof UploadError ? { report: error.report } : {};
      yield { file: file.name, outcome: "failed", error: reason, ...report };
    }
  }
}

/** Undefined when the content was sent before. */
async function sendOnce(
  { path, name, sizeBytes, modifiedAtMs }: FinishedFile,
  sent: SentFiles,
  options: UploadDirectoryOptions,
): Promise<UploadReport | undefined> {
  const { clock = systemClock, signal } = options;
  const look = { sizeBytes, modifiedAtMs };
  const sha256 = sent.hashOf(name, look) ?? (await hashFile(path));
  const before = sent.find(sha256);
  if (before?.isDone) return undefined;
  const clip = await openClip(path);
  try {
    const startMs = checkStartMs(before?.startMs ?? clip.recordedAtMs ?? clock.now());
    const state = { sha256, name, ...look, startMs };
    let recording = Promise.resolve();
    const report = await upload(clip, {
      ...options,
      startMs,
      resumeAt: before?.safeBelow ?? 0,
      onSafe: (safeBelow) => {
        recording = recording.then(() => sent.record({ ...state, safeBelow, isDone: false }));
        recording.catch(() => {});
      },
    });
    await recording;
    const safeBelow = (before?.safeBelow ?? 0) + report.fragments;
    if (!signal?.aborted || safeBelow >= clip.plan.fragments)
      await sent.record({ ...state, safeBelow: clip.plan.fragments, isDone: true });
    return report;
  } finally {
    await clip.close();
  }
}
