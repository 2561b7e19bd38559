/** The name in a Kinesis video stream's ARN, `arn:…:stream/<name>/<creation time>`. */
export function streamNameOf(streamArn: string): string {
  return streamArn.slice(streamArn.indexOf("/") + 1, streamArn.lastIndexOf("/"));
}

/** The camera of a stream: the stream's name without the fleet's prefix, or all of it where it has none. */
export function cameraIdOf(streamName: string, cameraStreamPrefix: string): string {
  return streamName.startsWith(cameraStreamPrefix) && streamName.length > cameraStreamPrefix.length
    ? streamName.slice(cameraStreamPrefix.length)
    : streamName;
}
