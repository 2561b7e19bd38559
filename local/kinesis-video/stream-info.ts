import type { Cloud } from "../cloud.ts";
import { toSeconds } from "./inputs.ts";
import type { Stream } from "./streams.ts";

/**
 * A stream as DescribeStream and ListStreams return it: always ACTIVE, since creating, updating and deleting one take no
 * time here, while on AWS it is CREATING, UPDATING or DELETING meanwhile. The default KMS key is Kinesis Video's own.
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
