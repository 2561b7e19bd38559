import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { namesOneStream, storageConfiguration, streamReference, version } from "../inputs.ts";
import type { KinesisVideo } from "../state.ts";
import { checkVersion, type StreamReference } from "../streams.ts";

const update = v.pipe(
  v.object({ ...streamReference, CurrentVersion: version, StreamStorageConfiguration: storageConfiguration }),
  namesOneStream(),
);

/** UpdateStreamStorageConfiguration. A tier is remembered; what it changes on AWS is cost and latency, and neither is local. */
export const updateStreamStorageConfiguration: Action<KinesisVideo, v.InferOutput<typeof update>, unknown> = {
  input: update,
  resources: (request, { state }) => state.streams.arnOf(request),
  run: (request, { state }) => {
    const stream = state.streams.find(request);
    checkVersion(stream, request.CurrentVersion);
    state.streams.update(stream, { storageTier: request.StreamStorageConfiguration.DefaultStorageTier });
    return {};
  },
};

/** DescribeStreamStorageConfiguration: HOT unless it was set (documented: CreateStream). */
export const describeStreamStorageConfiguration: Action<KinesisVideo, StreamReference, unknown> = {
  input: v.pipe(v.object(streamReference), namesOneStream()),
  resources: (request, { state }) => state.streams.arnOf(request),
  run: (request, { state }) => {
    const { name, arn, storageTier } = state.streams.find(request);
    return {
      StreamName: name,
      StreamARN: arn,
      StreamStorageConfiguration: { DefaultStorageTier: storageTier ?? "HOT" },
    };
  },
};
