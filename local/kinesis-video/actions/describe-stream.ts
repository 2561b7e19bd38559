import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import type { Cloud } from "../../cloud.ts";
import { namesOneStream, streamReference, toSeconds } from "../inputs.ts";
import type { KinesisVideo } from "../state.ts";
import type { Stream, StreamReference } from "../streams.ts";

/** DescribeStream. */
export const describeStream: Action<KinesisVideo, StreamReference, unknown> = {
  input: v.pipe(v.object(streamReference), namesOneStream()),
  resources: (request, { state }) => state.streams.arnOf(request),
  run: (request, { state, cloud }) => ({ StreamInfo: streamInfo(state.streams.find(request), cloud) }),
};

/**
 * A stream as DescribeStream and ListStreams tell it: always ACTIVE, as making, changing and deleting one take no time
 * here, while on AWS it is CREATING, UPDATING or DELETING meanwhile. The KMS key by default is Kinesis Video's own.
 */
export const streamInfo = (stream: Stream, cloud: Cloud) => ({
  StreamName: stream.name,
  StreamARN: stream.arn,
  DeviceName: stream.deviceName,
  MediaType: stream.mediaType,
  KmsKeyId: stream.kmsKeyId ?? cloud.arn("kms", "alias/aws/kinesisvideo"),
  Version: stream.version,
  Status: "ACTIVE",
  CreationTime: toSeconds(stream.createdAtMs),
  DataRetentionInHours: stream.retentionHours,
});
