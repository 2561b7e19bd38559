import { openClip } from "./sources/file.ts";
import type { UploadReport } from "./session/report.ts";
import { upload, type UploadOptions } from "./upload.ts";
import { VideoStream, type CloudOptions } from "./video-stream.ts";

export interface UploadClipOptions extends CloudOptions, Omit<UploadOptions, "stream"> {
  /** Path of an MP4, MOV, MKV or MPEG-TS file with H.264 or H.265 video. */
  readonly file: string;
  readonly streamName: string;
}

/**
 * Sends one file to a Kinesis video stream.
 * @throws SourceError before anything is sent, UploadError with a report of what is safe
 */
export async function uploadClip({
  file,
  streamName,
  region,
  credentials,
  endpoint,
  ...options
}: UploadClipOptions): Promise<UploadReport> {
  const clip = await openClip(file);
  const stream = new VideoStream(streamName, {
    ...(region !== undefined && { region }),
    ...(credentials && { credentials }),
    ...(endpoint !== undefined && { endpoint }),
  });
  try {
    return await upload(clip, { ...options, stream });
  } finally {
    stream.close();
    await clip.close();
  }
}
