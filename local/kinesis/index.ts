import { jsonApi } from "../api/json.ts";
import type { Service } from "../service.ts";
import { addTagsToStream } from "./actions/add-tags-to-stream.ts";
import { createStream } from "./actions/create-stream.ts";
import { decreaseStreamRetentionPeriod } from "./actions/decrease-stream-retention-period.ts";
import { deleteStream } from "./actions/delete-stream.ts";
import { describeStream } from "./actions/describe-stream.ts";
import { describeStreamSummary } from "./actions/describe-stream-summary.ts";
import { getRecords } from "./actions/get-records.ts";
import { getShardIterator } from "./actions/get-shard-iterator.ts";
import { increaseStreamRetentionPeriod } from "./actions/increase-stream-retention-period.ts";
import { listShards } from "./actions/list-shards.ts";
import { listStreams } from "./actions/list-streams.ts";
import { listTagsForResource } from "./actions/list-tags-for-resource.ts";
import { listTagsForStream } from "./actions/list-tags-for-stream.ts";
import { putRecord } from "./actions/put-record.ts";
import { putRecords } from "./actions/put-records.ts";
import { removeTagsFromStream } from "./actions/remove-tags-from-stream.ts";
import { tagResource } from "./actions/tag-resource.ts";
import { untagResource } from "./actions/untag-resource.ts";
import { resourceTypes } from "./resources.ts";
import { KinesisState } from "./state.ts";

/** A request holds 5 MiB of records, in base64. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

/**
 * Amazon Kinesis Data Streams: streams of shards whose records are kept in order until their retention ends. Shards stay as
 * they are created, and consumers with enhanced fan-out are not emulated: readers use GetRecords.
 *
 * Emits the events stream-created, stream-deleted, record-put, records-put, records-read and read-throttled.
 */
export const kinesis: Service = {
  name: "kinesis",
  start: (cloud) => {
    const state = new KinesisState(cloud);
    return {
      apis: [
        jsonApi(
          {
            signingName: "kinesis",
            targetPrefix: "Kinesis_20131202",
            version: "1.1",
            invalidInputCode: "ValidationException",
            maxBodyBytes: MAX_BODY_BYTES,
            actions: {
              AddTagsToStream: addTagsToStream,
              CreateStream: createStream,
              DecreaseStreamRetentionPeriod: decreaseStreamRetentionPeriod,
              DeleteStream: deleteStream,
              DescribeStream: describeStream,
              DescribeStreamSummary: describeStreamSummary,
              GetRecords: getRecords,
              GetShardIterator: getShardIterator,
              IncreaseStreamRetentionPeriod: increaseStreamRetentionPeriod,
              ListShards: listShards,
              ListStreams: listStreams,
              ListTagsForResource: listTagsForResource,
              ListTagsForStream: listTagsForStream,
              PutRecord: putRecord,
              PutRecords: putRecords,
              RemoveTagsFromStream: removeTagsFromStream,
              TagResource: tagResource,
              UntagResource: untagResource,
            },
          },
          cloud,
          state,
        ),
      ],
      resources: resourceTypes(cloud, state),
      stop: () => state.stop(),
    };
  },
};
