import { restApi, type Route } from "../api/rest.ts";
import type { AnyAction } from "../api/action.ts";
import type { Service } from "../service.ts";
import { createStream } from "./actions/create-stream.ts";
import { deleteStream } from "./actions/delete-stream.ts";
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
import {
  describeStreamStorageConfiguration,
  updateStreamStorageConfiguration,
} from "./actions/stream-storage-configuration.ts";
import { tagStream } from "./actions/tag-stream.ts";
import { untagStream } from "./actions/untag-stream.ts";
import { updateDataRetention } from "./actions/update-data-retention.ts";
import { updateStream } from "./actions/update-stream.ts";
import { HLS_PATH, hlsRoute } from "./hls/route.ts";
import { MAX_STREAMS, withinQuota } from "./quotas.ts";
import { streamType } from "./resources.ts";
import { KinesisVideo } from "./state.ts";

/** Every path is the action's name, its first letter small. */
const pathOf = (name: string): string => `/${name.charAt(0).toLowerCase()}${name.slice(1)}`;

const call = (name: string, action: AnyAction<KinesisVideo>): Route<KinesisVideo> => ({
  method: "POST",
  path: pathOf(name),
  name,
  action: withinQuota(name, action),
});

const media = (name: string, stream: NonNullable<Route<KinesisVideo>["stream"]>): Route<KinesisVideo> => ({
  method: "POST",
  path: pathOf(name),
  name,
  stream,
});

/** Amazon Kinesis Video Streams: video goes in by PutMedia, is kept as fragments, and comes out by GetMedia. */
export const kinesisVideoWith = ({ maxStreams }: { readonly maxStreams: number }): Service => ({
  name: "kinesis-video",
  start: async (cloud) => {
    const state = await KinesisVideo.open(cloud, maxStreams);
    return {
      apis: [
        restApi(
          {
            signingName: "kinesisvideo",
            invalidInputCode: "InvalidArgumentException",
            routes: [
              call("CreateStream", createStream),
              call("DescribeStream", describeStream),
              call("ListStreams", listStreams),
              call("DeleteStream", deleteStream),
              call("GetDataEndpoint", getDataEndpoint),
              call("UpdateStream", updateStream),
              call("UpdateDataRetention", updateDataRetention),
              call("UpdateStreamStorageConfiguration", updateStreamStorageConfiguration),
              call("DescribeStreamStorageConfiguration", describeStreamStorageConfiguration),
              call("TagStream", tagStream),
              call("UntagStream", untagStream),
              call("ListTagsForStream", listTagsForStream),
              { ...media("PutMedia", putMedia), leavesBodyUnsigned: true },
              media("GetMedia", getMedia),
              call("ListFragments", listFragments),
              media("GetMediaForFragmentList", getMediaForFragmentList),
              media("GetClip", getClip),
              call("GetImages", getImages),
              call("GetHLSStreamingSessionURL", getHlsStreamingSessionUrl),
            ],
          },
          cloud,
          state,
        ),
      ],
      publicPaths: { [HLS_PATH]: hlsRoute(state) },
      resources: { "AWS::KinesisVideo::Stream": streamType(state) },
      stop: () => state.stop(),
    };
  },
});

/** With the default quota of streams. */
export const kinesisVideo: Service = kinesisVideoWith({ maxStreams: MAX_STREAMS });
