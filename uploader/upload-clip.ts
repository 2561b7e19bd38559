import { openClip } from "./sources/file.ts";
import type { UploadSummary } from "./upload/summary.ts";
import { uploadSource, type UploadOptions } from "./upload-source.ts";
import { VideoStream, type CloudOptions } from "./video-stream.ts";

interface UploadClipOptions extends CloudOptions, Omit<UploadOptions, "stream"> {
  /** Path of an MP4, MOV, MKV or MPEG-TS file with H.264 or H.265 video. */
  readonly file: string;
  readonly streamName: string;
}

/**
 * Sends one file to a Kinesis video stream.
 * @throws SourceError before anything is sent, UploadError with the summary of what is safe
 */
export async function uploadClip({
  file,
  streamName,
  region,
  credentials,
  endpoint,
  ...options
}: UploadClipOptions): Promise<UploadSummary> {
  const clip = await openClip(file);
  const stream = new VideoStream(streamName, {
    ...(region !== undefined && { region }),
    ...(credentials && { credentials }),
    ...(endpoint !== undefined && { endpoint }),
  });
  try {
    return await uploadSource(clip, { ...options, stream });
  } finally {
    stream.close();
    await clip.close();
  }
}
