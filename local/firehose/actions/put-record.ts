import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { found, streamArn, streamName, recordData, type FirehoseState } from "../state.ts";

interface Input {
  DeliveryStreamName: string;
  Record: { Data: Buffer };
}

/** Accepts one record (documented: API reference, PutRecord). */
export const putRecord: Action<FirehoseState, Input, unknown> = {
  input: v.object({ DeliveryStreamName: streamName, Record: v.object({ Data: recordData }) }),
  resources: ({ DeliveryStreamName }, { cloud }) => streamArn(cloud, DeliveryStreamName),
  run: ({ DeliveryStreamName, Record }, context) => {
    const stream = found(DeliveryStreamName, context);
    const [RecordId] = stream.accept([Record.Data]);
    return { RecordId, Encrypted: stream.isEncrypted };
  },
};
