import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { streamExists } from "../errors.ts";
import { deviceName, hours, kmsKeyId, mediaType, storageConfiguration, streamName, tags } from "../inputs.ts";
import type { KinesisVideo } from "../state.ts";

const input = v.object({
  StreamName: streamName,
  DataRetentionInHours: v.optional(hours, 0),
  MediaType: v.optional(mediaType),
  DeviceName: v.optional(deviceName),
  KmsKeyId: v.optional(kmsKeyId),
  Tags: v.optional(tags, {}),
  StreamStorageConfiguration: v.optional(storageConfiguration),
});

export const createStream: Action<KinesisVideo, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ StreamName }, { state }) => state.streams.anyArn(StreamName),
  run: async (request, { state }) => {
    const { StreamName, DataRetentionInHours, MediaType, DeviceName, KmsKeyId, Tags } = request;
    const { StreamStorageConfiguration: storage } = request;
    if (state.streams.get(StreamName)) throw streamExists(StreamName);
    const { arn } = await state.create({
      name: StreamName,
      retentionHours: DataRetentionInHours,
      ...(MediaType !== undefined && { mediaType: MediaType }),
      ...(DeviceName !== undefined && { deviceName: DeviceName }),
      ...(KmsKeyId !== undefined && { kmsKeyId: KmsKeyId }),
      ...(storage && { storageTier: storage.DefaultStorageTier }),
      tags: Tags,
    });
    return { StreamARN: arn };
  },
};
