import type { AnyAction } from "../api/action.ts";
import { restApi } from "../api/rest.ts";
import type { Service } from "../service.ts";
import { createStream } from "./actions/create-stream.ts";
import { deleteStream } from "./actions/delete-stream.ts";
import { describeStreamStorageConfiguration } from "./actions/describe-stream-storage-configuration.ts";
import { describeStream } from "./actions/describe-stream.ts";
import { getClip } from "./actions/get-clip.ts";
import { getDataEndpoint } from "./actions/get-data-endpoint.ts";
import { getHlsStreamingSessionUrl } from "./actions/get-hls-streaming-session-url.ts";
import { getImages } from "./actions/get-images.ts";
import { getMediaForFragmentList } from "./actions/get-media-for-fragment-list.ts";
import { getMedia } from "./actions/get-media.ts";
import { listFragments } from "./actions/list-fragments.ts";
import { listStreams } from "./actions/list-streams.ts";
import { listTagsForStream } from "./actions/list-tags-for-stream.ts";
import { putMedia } from "./actions/put-media.ts";
import { tagStream } from "./actions/tag-stream.ts";
import { untagStream } from "./actions/untag-stream.ts";
import { updateDataRetention } from "./actions/update-data-retention.ts";
import { updateStreamStorageConfiguration } from "./actions/update-stream-storage-configuration.ts";
import { updateStream } from "./actions/update-stream.ts";
import { HLS_PATH, hlsRoute } from "./hls/route.ts";
import { MAX_STREAMS } from "./quotas.ts";
import { resourceTypes } from "./resources.ts";
import { KinesisVideo } from "./state.ts";

const ACTIONS: Readonly<Record<string, AnyAction<KinesisVideo>>> = {
  CreateStream: createStream,
  DescribeStream: describeStream,
  ListStreams: listStreams,
  DeleteStream: deleteStream,
  GetDataEndpoint: getDataEndpoint,
  UpdateStream: updateStream,
  UpdateDataRetention: updateDataRetention,
  UpdateStreamStorageConfiguration: updateStreamStorageConfiguration,
  DescribeStreamStorageConfiguration: describeStreamStorageConfiguration,
  TagStream: tagStream,
  UntagStream: untagStream,
  ListTagsForStream: listTagsForStream,
  GetMedia: getMedia,
  ListFragments: listFragments,
  GetMediaForFragmentList: getMediaForFragmentList,
  GetClip: getClip,
  GetImages: getImages,
  GetHLSStreamingSessionURL: getHlsStreamingSessionUrl,
};

/** The path of every action is its name, its first letter in lower case. */
const route = (name: string) => ({
  method: "POST",
  path: `/${name.charAt(0).toLowerCase()}${name.slice(1)}`,
  name,
});

/** The action with its requests counted, once the caller is authorised. */
const withinQuota = (name: string, action: AnyAction<KinesisVideo>): AnyAction<KinesisVideo> => ({
  ...action,
  run: (input, context) => {
    context.state.quotas.request(name, String(action.resources(input, context)));
    return action.run(input, context) as unknown;
  },
});

/**
 * Amazon Kinesis Video Streams: PutMedia stores video as fragments, which GetMedia, GetClip, GetImages and HLS read.
 *
 * Emits the events fragment-stored, fragments-expired, put-media-error, get-media-ended, media-fault and sweep-fault.
 */
export const kinesisVideoWith = ({ maxStreams }: { readonly maxStreams: number }): Service => ({
  name: "kinesis-video",
  start: async (cloud) => {
    const state = await KinesisVideo.open(cloud, maxStreams);
    const routes = Object.entries(ACTIONS).map(([name, action]) => ({
      ...route(name),
      action: withinQuota(name, action),
    }));
    return {
      apis: [
        restApi(
          {
            signingName: "kinesisvideo",
            invalidInputCode: "InvalidArgumentException",
            routes: [...routes, { ...route("PutMedia"), stream: putMedia, leavesBodyUnsigned: true }],
          },
          cloud,
          state,
        ),
      ],
      publicPaths: { [HLS_PATH]: hlsRoute(state) },
      resources: resourceTypes(state),
      stop: () => state.stop(),
    };
  },
});

/** With the default quota of streams. */
export const kinesisVideo: Service = kinesisVideoWith({ maxStreams: MAX_STREAMS });
