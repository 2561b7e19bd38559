import * as v from "valibot";
import { SECOND_MS } from "../../../base/durations.ts";
import type { Action } from "../../api/action.ts";
import { streamName } from "../inputs.ts";
import { streamArn, type FirehoseState } from "../state.ts";

const input = v.object({ DeliveryStreamName: streamName });

/** Describes a stream and its one destination (documented: API reference, DescribeDeliveryStream). */
export const describeDeliveryStream: Action<FirehoseState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ DeliveryStreamName }, { cloud }) => streamArn(cloud, DeliveryStreamName),
  run: ({ DeliveryStreamName }, { state }) => {
    const stream = state.stream(DeliveryStreamName);
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
        CreateTimestamp: createdAtMs / SECOND_MS,
        LastUpdateTimestamp: updatedAtMs === undefined ? undefined : updatedAtMs / SECOND_MS,
        Destinations: [
          {
            DestinationId: "destinationId-000000000001",
            ExtendedS3DestinationDescription: {
              ...destination,
              BufferingHints: {
                SizeInMBs: data.bufferSizeBytes / 1024 / 1024,
                IntervalInSeconds: data.bufferIntervalMs / SECOND_MS,
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
