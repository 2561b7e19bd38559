import * as v from "valibot";
import { parseProperties } from "../template/properties.ts";
import type { ResourceType } from "../template/resource.ts";
import { deviceName, hours, kmsKeyId, mediaType, storageConfiguration, streamName, tags } from "./inputs.ts";
import type { KinesisVideo } from "./state.ts";
import type { StreamSettings } from "./streams.ts";

const properties = v.object({
  Name: v.optional(streamName),
  /** A template may have numbers as text. */
  DataRetentionInHours: v.optional(
    v.pipe(
      v.unknown(),
      v.transform((value) => (typeof value === "string" && value.trim() ? Number(value) : value)),
      hours,
    ),
    0,
  ),
  MediaType: v.optional(mediaType),
  DeviceName: v.optional(deviceName),
  KmsKeyId: v.optional(kmsKeyId),
  StreamStorageConfiguration: v.optional(v.partial(storageConfiguration)),
  Tags: v.optional(v.array(v.object({ Key: v.string(), Value: v.optional(v.string(), "") })), []),
});

export const resourceTypes = (state: KinesisVideo): Record<string, ResourceType> => ({
  "AWS::KinesisVideo::Stream": streamType(state),
});

/** `Ref` returns the name (unconfirmed), `Fn::GetAtt` has Arn. */
const streamType = (state: KinesisVideo): ResourceType => ({
  properties: Object.keys(properties.entries),
  create: async ({ properties: given, generatedName }) => {
    const settings = read(given, generatedName);
    const { streams } = state;
    const existing = streams.get(settings.name);
    const stream = existing ?? (await state.create(settings));
    const { name, tags: newTags, ...changes } = settings;
    const differs = Object.entries(changes).some(
      ([key, value]) => stream[key as keyof typeof changes] !== value,
    );
    const current = differs ? streams.update(stream, changes) : stream;
    if (existing) streams.setTags(current, newTags);
    return { ref: name, attributes: { Arn: stream.arn } };
  },
});

function read(given: Readonly<Record<string, unknown>>, generatedName: string): StreamSettings {
  const { Name, DataRetentionInHours, MediaType, DeviceName, KmsKeyId, Tags, StreamStorageConfiguration } =
    parseProperties(properties, given);
  const tier = StreamStorageConfiguration?.DefaultStorageTier;
  return {
    name: Name ?? generatedName,
    retentionHours: DataRetentionInHours,
    ...(MediaType !== undefined && { mediaType: MediaType }),
    ...(DeviceName !== undefined && { deviceName: DeviceName }),
    ...(KmsKeyId !== undefined && { kmsKeyId: KmsKeyId }),
    ...(tier !== undefined && { storageTier: tier }),
    tags: v.parse(tags, Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]))),
  };
}
