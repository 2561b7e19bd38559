/** The name in a Kinesis video stream's ARN, `arn:…:stream/<name>/<creation time>`. */
export function streamNameOf(streamArn: string): string {
  return streamArn.slice(streamArn.indexOf("/") + 1, streamArn.lastIndexOf("/"));
}

/** The camera of a stream: the stream's name without the fleet's prefix, or the whole name without one. */
export function cameraIdOf(streamName: string, cameraStreamPrefix: string): string {
  return streamName.startsWith(cameraStreamPrefix) && streamName.length > cameraStreamPrefix.length
    ? streamName.slice(cameraStreamPrefix.length)
    : streamName;
}

const MAX_CAMERA_ID_LENGTH = 63;
/** Room for a number after a name that is in use. */
const NUMBER_LENGTH = 4;

/** A camera id from the name of a video without its extension. It differs from the ids in use, and is added to them. */
export function cameraIdFor(videoName: string, taken: Set<string>): string {
  const slug =
    videoName
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-+|-+$/g, "") || "camera";
  const short = slug.slice(0, MAX_CAMERA_ID_LENGTH - NUMBER_LENGTH);
  let cameraId = short;
  for (let number = 2; taken.has(cameraId); number++) cameraId = `${short}-${number}`;
  taken.add(cameraId);
  return cameraId;
}
