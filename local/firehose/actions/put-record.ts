import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { record, streamName } from "../inputs.ts";
import { streamArn, type FirehoseState } from "../state.ts";

const input = v.object({ DeliveryStreamName: streamName, Record: record });

/** Accepts one record (documented: API reference, PutRecord). */
export const putRecord: Action<FirehoseState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ DeliveryStreamName }, { cloud }) => streamArn(cloud, DeliveryStreamName),
  run: ({ DeliveryStreamName, Record }, { state }) => {
    const stream = state.stream(DeliveryStreamName);
    const [RecordId] = stream.accept([Record.Data]);
    return { RecordId, Encrypted: stream.isEncrypted };
  },
};
