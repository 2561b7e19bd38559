import { errorMessage } from "../../base/errors.ts";
import type { Cloud } from "../cloud.ts";
import { OperatorError } from "../errors.ts";
import { parseProperties } from "../template/properties.ts";
import type { ResourceType } from "../template/resource.ts";
import { DeliveryStream } from "./delivery-stream.ts";
import { deliveryStreamProperties, type StreamProperties } from "./settings/properties.ts";
import { streamArn, type FirehoseState } from "./state.ts";
import type { StreamDescription } from "./stream-description.ts";

export const resourceTypes = (cloud: Cloud, state: FirehoseState): Record<string, ResourceType> => ({
  "AWS::KinesisFirehose::DeliveryStream": {
    properties: Object.keys(deliveryStreamProperties.entries),
    create: ({ properties: given, generatedName }) => {
      const properties = parseProperties(deliveryStreamProperties, given);
      const name = properties.DeliveryStreamName ?? generatedName.slice(-64);
      if (state.streams.has(name))
        throw new OperatorError(`DeliveryStreamName: another stream has the name ${name}`);
      const description = describe(cloud, name, properties, state.descriptions.get(name));
      const stream = new DeliveryStream(cloud, state.records, description);
      refuseUnassumableRoles(stream);
      state.descriptions.put(name, description);
      state.streams.set(name, stream);
      return { ref: name, attributes: { Arn: description.arn } };
    },
  },
});

function describe(
  cloud: Cloud,
  name: string,
  properties: StreamProperties,
  earlier: StreamDescription | undefined,
): StreamDescription {
  const nowMs = Math.round(cloud.clock.now());
  if (!earlier) return { name, arn: streamArn(cloud, name), version: 1, createdAtMs: nowMs, properties };
  if (JSON.stringify(earlier.properties) === JSON.stringify(properties)) return earlier;
  refuseForbiddenChanges(name, earlier.properties, properties);
  return { ...earlier, version: earlier.version + 1, updatedAtMs: nowMs, properties };
}

/** The changes that AWS refuses on an existing stream (documented: "Enable dynamic partitioning"; API reference). */
function refuseForbiddenChanges(name: string, earlier: StreamProperties, now: StreamProperties): void {
  const { ExtendedS3DestinationConfiguration: before } = earlier;
  const { ExtendedS3DestinationConfiguration: after } = now;
  const where = "ExtendedS3DestinationConfiguration";
  const wasPartitioned = before.DynamicPartitioningConfiguration?.Enabled === true;
  const isPartitioned = after.DynamicPartitioningConfiguration?.Enabled === true;
  if (wasPartitioned !== isPartitioned)
    throw new OperatorError(
      `${where}.DynamicPartitioningConfiguration: ${name} exists ${wasPartitioned ? "with" : "without"} dynamic ` +
        "partitioning, which is decided at creation; give the stream another name or delete the local data",
    );
  if (before.S3BackupMode === "Enabled" && after.S3BackupMode !== "Enabled")
    throw new OperatorError(
      `${where}.S3BackupMode: ${name} exists with backup, which can't be disabled; give the stream another name or ` +
        "delete the local data",
    );
}

/** AWS assumes every role of a stream when it creates the stream (observed). */
function refuseUnassumableRoles(stream: DeliveryStream): void {
  const { data, backup, lambda, conversion } = stream.settings;
  for (const roleArn of new Set([data, backup, lambda, conversion].flatMap((part) => part?.roleArn ?? [])))
    try {
      stream.assumeRole(roleArn);
    } catch (error) {
      throw new OperatorError(
        `Firehose is unable to assume role ${roleArn}. Please check the role provided. (${errorMessage(error)})`,
      );
    }
}
