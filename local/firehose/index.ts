import * as v from "valibot";
import { errorMessage } from "../../base/errors.ts";
import { explain } from "../api/action.ts";
import { jsonApi } from "../api/json.ts";
import type { Cloud } from "../cloud.ts";
import { OperatorError } from "../errors.ts";
import type { Service } from "../service.ts";
import { describeDeliveryStream } from "./actions/describe-delivery-stream.ts";
import { listDeliveryStreams } from "./actions/list-delivery-streams.ts";
import { putRecord } from "./actions/put-record.ts";
import { putRecordBatch } from "./actions/put-record-batch.ts";
import { INVALID_INPUT, invalidInput } from "./errors.ts";
import { streamName } from "./inputs.ts";
import { resourceTypes } from "./resources.ts";
import { FirehoseState } from "./state.ts";
import type { DeliveredObject } from "./stream-description.ts";

/**
 * Amazon Data Firehose: delivery streams of the template, by direct put, with Lambda processor, dynamic partitioning,
 * conversion to Parquet, error output and source record backup to S3.
 *
 * Emits the events record-accepted, transformed, object-delivered, backup-delivered, records-failed, delivery-failed,
 * records-lost, error-logged, error-log-refused and write-failed.
 */
export const firehose: Service = {
  name: "firehose",
  start: (cloud) => {
    const state = new FirehoseState(cloud);
    const api = jsonApi(
      {
        signingName: "firehose",
        targetPrefix: "Firehose_20150804",
        version: "1.1",
        invalidInputCode: INVALID_INPUT,
        actions: {
          PutRecord: putRecord,
          PutRecordBatch: putRecordBatch,
          DescribeDeliveryStream: describeDeliveryStream,
          ListDeliveryStreams: listDeliveryStreams,
        },
      },
      cloud,
      state,
    );
    return {
      apis: [api],
      resources: resourceTypes(cloud, state),
      controls: { "POST /_doorstep/firehose/flush": (body) => flush(cloud, state, body) },
      ready: async () => {
        for (const [name, stream] of state.streams)
          try {
            await stream.start();
          } catch (error) {
            throw new OperatorError(`delivery stream ${name}: ${errorMessage(error)}`, { cause: error });
          }
      },
      stop: () => state.stop(),
    };
  },
};

const flushInput = v.optional(v.strictObject({ deliveryStreamName: v.optional(streamName) }), {});

/** Delivers the records of one stream or of all, those included that topics hold for them; returns the objects. */
async function flush(
  cloud: Cloud,
  state: FirehoseState,
  body: unknown,
): Promise<{ objects: DeliveredObject[] }> {
  const parsed = v.safeParse(flushInput, body);
  if (!parsed.success) throw invalidInput(explain(parsed.issues));
  const { deliveryStreamName: name } = parsed.output;
  const streams = name ? [state.stream(name)] : [...state.streams.values()];
  await Promise.all([...cloud.sourcesOfRecords].map((passedOn) => passedOn()));
  return { objects: (await Promise.all(streams.map((stream) => stream.flush()))).flat() };
}
