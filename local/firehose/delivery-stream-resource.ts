import { errorMessage } from "../../base/errors.ts";
import type { Cloud } from "../cloud.ts";
import type { Collection } from "../documents.ts";
import { OperatorError } from "../errors.ts";
import type { ResourceType } from "../template/resource.ts";
import { DeliveryStream } from "./delivery-stream.ts";
import { parseProperties, PROPERTY_NAMES, type StreamProperties } from "./properties.ts";
import type { RecordStore } from "./record-store.ts";
import { streamArn, type FirehoseState } from "./state.ts";
import type { StreamDescription } from "./stream-description.ts";

/** `AWS::KinesisFirehose::DeliveryStream`: made new, or brought in line with what an earlier start remembers. */
export const deliveryStreamResource = (
  cloud: Cloud,
  state: FirehoseState,
  descriptions: Collection<StreamDescription>,
  store: RecordStore,
): ResourceType => ({
  properties: PROPERTY_NAMES,
  create: ({ properties: given, generatedName }) => {
    const properties = parseProperties(given);
    const name = properties.DeliveryStreamName ?? generatedName.slice(-64);
    if (state.streams.has(name))
      throw new OperatorError(`DeliveryStreamName: ${name} is already the name of another`);
    const description = describe(cloud, name, properties, descriptions.get(name));
    const stream = new DeliveryStream(cloud, store, description);
    refuseUnassumableRoles(cloud, stream);
    descriptions.put(name, description);
    state.streams.set(name, stream);
    return { ref: name, attributes: { Arn: description.arn } };
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

/** What AWS refuses to change on an existing stream (documented: "Enable dynamic partitioning"; API reference). */
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

/** AWS tries every role of a stream when it creates it (observed). */
function refuseUnassumableRoles(cloud: Cloud, { settings, description }: DeliveryStream): void {
  const { data, backup, lambda, conversion } = settings;
  for (const roleArn of new Set([data, backup, lambda, conversion].flatMap((part) => part?.roleArn ?? [])))
    try {
      const context = { "sts:ExternalId": cloud.accountId, "aws:SourceArn": description.arn };
      cloud.access.assumeRole(roleArn, "firehose.amazonaws.com", context);
    } catch (error) {
      throw new OperatorError(
        `Firehose is unable to assume role ${roleArn}. Please check the role provided. (${errorMessage(error)})`,
      );
    }
}
