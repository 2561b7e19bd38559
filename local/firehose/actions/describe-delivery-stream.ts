import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { found, streamArn, streamName, type FirehoseState } from "../state.ts";

interface Input {
  DeliveryStreamName: string;
}

/** Describes a stream and its one destination (documented: API reference, DescribeDeliveryStream). */
export const describeDeliveryStream: Action<FirehoseState, Input, unknown> = {
  input: v.object({ DeliveryStreamName: streamName }),
  resources: ({ DeliveryStreamName }, { cloud }) => streamArn(cloud, DeliveryStreamName),
  run: ({ DeliveryStreamName }, context) => {
    const stream = found(DeliveryStreamName, context);
    const { name, arn, version, createdAtMs, updatedAtMs, properties } = stream.description;
    const { S3BackupConfiguration, ...destination } = properties.ExtendedS3DestinationConfiguration;
    const { data } = stream.settings;
    return {
      DeliveryStreamDescription: {
        DeliveryStreamName: name,
        DeliveryStreamARN: arn,
        DeliveryStreamStatus: "ACTIVE",
        DeliveryStreamType: properties.DeliveryStreamType,
        DeliveryStreamEncryptionConfiguration: stream.isEncrypted
          ? { ...properties.DeliveryStreamEncryptionConfigurationInput, Status: "ENABLED" }
          : { Status: "DISABLED" },
        VersionId: String(version),
        CreateTimestamp: createdAtMs / 1000,
        LastUpdateTimestamp: updatedAtMs === undefined ? undefined : updatedAtMs / 1000,
        Destinations: [
          {
            DestinationId: "destinationId-000000000001",
            ExtendedS3DestinationDescription: {
              ...destination,
              BufferingHints: {
                SizeInMBs: data.bufferSizeBytes / 1024 / 1024,
                IntervalInSeconds: data.bufferIntervalMs / 1000,
              },
              S3BackupDescription: S3BackupConfiguration,
            },
          },
        ],
        HasMoreDestinations: false,
      },
    };
  },
};
