import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { errorMessage } from "../../base/errors.ts";
import { explain } from "../api/action.ts";
import { jsonApi } from "../api/json.ts";
import type { Service } from "../service.ts";
import { AwsError, OperatorError } from "../errors.ts";
import { describeDeliveryStream } from "./actions/describe-delivery-stream.ts";
import { listDeliveryStreams } from "./actions/list-delivery-streams.ts";
import { putRecord } from "./actions/put-record.ts";
import { putRecordBatch } from "./actions/put-record-batch.ts";
import { deliveryStreamResource } from "./delivery-stream-resource.ts";
import { RecordStore } from "./record-store.ts";
import { found, streamName, type FirehoseState } from "./state.ts";
import type { Delivered, StreamDescription } from "./stream-description.ts";

const flushInput = v.optional(v.strictObject({ deliveryStreamName: v.optional(streamName) }), {});

/**
 * Amazon Data Firehose: delivery streams of the template, by direct put, with Lambda processor, dynamic partitioning,
 * conversion to Parquet, error output and raw backup to S3.
 */
export const firehose: Service = {
  name: "firehose",
  start: (cloud) => {
    const folder = join(cloud.dataFolder, "firehose");
    rmSync(join(folder, "conversions"), { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const store = new RecordStore(join(folder, "records.sqlite"));
    const descriptions = cloud.documents.collection<StreamDescription>("firehose/streams");
    const state: FirehoseState = { streams: new Map() };

    const flush = async (body: unknown): Promise<{ objects: Delivered[] }> => {
      const parsed = v.safeParse(flushInput, body);
      if (!parsed.success) throw new AwsError("ValidationException", explain(parsed.issues));
      const { deliveryStreamName: name } = parsed.output;
      const streams = name ? [found(name, { cloud, state })] : [...state.streams.values()];
      return { objects: (await Promise.all(streams.map((stream) => stream.flush()))).flat() };
    };

    return {
      apis: [
        jsonApi(
          {
            signingName: "firehose",
            targetPrefix: "Firehose_20150804",
            version: "1.1",
            invalidInputCode: "ValidationException",
            actions: {
              PutRecord: putRecord,
              PutRecordBatch: putRecordBatch,
              DescribeDeliveryStream: describeDeliveryStream,
              ListDeliveryStreams: listDeliveryStreams,
            },
          },
          cloud,
          state,
        ),
      ],
      resources: {
        "AWS::KinesisFirehose::DeliveryStream": deliveryStreamResource(cloud, state, descriptions, store),
      },
      controls: { "POST /_doorstep/firehose/flush": flush },
      ready: async () => {
        for (const [name, stream] of state.streams)
          try {
            await stream.start();
          } catch (error) {
            throw new OperatorError(`delivery stream ${name}: ${errorMessage(error)}`, { cause: error });
          }
      },
      stop: async () => {
        await Promise.all([...state.streams.values()].map((stream) => stream.stop()));
        store.close();
      },
    };
  },
};
