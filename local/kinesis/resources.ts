import * as v from "valibot";
import type { Cloud } from "../cloud.ts";
import { OperatorError } from "../errors.ts";
import { parseProperties, wholeNumber } from "../template/properties.ts";
import type { ResourceType } from "../template/resource.ts";
import { streamMode, streamName } from "./inputs.ts";
import { DEFAULT_RETENTION_HOURS, ON_DEMAND_SHARDS, type KinesisState } from "./state.ts";
import { streamArn } from "./stream.ts";

const properties = v.object({
  Name: v.optional(streamName),
  ShardCount: v.optional(wholeNumber(1, 20_000)),
  RetentionPeriodHours: v.optional(wholeNumber(24, 8760), DEFAULT_RETENTION_HOURS),
  StreamModeDetails: v.optional(v.strictObject({ StreamMode: streamMode }), { StreamMode: "PROVISIONED" }),
  // Encryption has no effect on one machine; descriptions show it.
  StreamEncryption: v.optional(v.strictObject({ EncryptionType: v.literal("KMS"), KeyId: v.string() })),
  Tags: v.optional(v.array(v.object({ Key: v.string(), Value: v.string() })), []),
});

export const resourceTypes = (cloud: Cloud, state: KinesisState): Record<string, ResourceType> => ({
  "AWS::Kinesis::Stream": {
    properties: Object.keys(properties.entries),
    create: (resource) => {
      const parsed = parseProperties(properties, resource.properties);
      const name = parsed.Name ?? resource.generatedName;
      const mode = parsed.StreamModeDetails.StreamMode;
      const known = state.get(name);
      const shardCount = parsed.ShardCount ?? (mode === "ON_DEMAND" ? ON_DEMAND_SHARDS : 1);
      if (known && known.shardCount !== shardCount)
        throw new OperatorError(
          `ShardCount is ${shardCount}, while the stream ${name} has ${known.shardCount} shards; resharding is not emulated`,
        );
      const settings = {
        name,
        mode,
        shardCount,
        retentionHours: parsed.RetentionPeriodHours,
        tags: Object.fromEntries(parsed.Tags.map(({ Key, Value }) => [Key, Value])),
        keyId: parsed.StreamEncryption?.KeyId,
      };
      if (known) state.update(known, settings);
      // CloudFormation waits until the stream is ACTIVE.
      else state.create(settings, 0);
      return { ref: name, attributes: { Arn: streamArn(cloud, name) } };
    },
  },
});
