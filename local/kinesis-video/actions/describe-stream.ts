import { streamAction } from "../stream-action.ts";
import { streamInfo } from "../stream-info.ts";

export const describeStream = streamAction({}, (stream, _request, { cloud }) => ({
  StreamInfo: streamInfo(stream, cloud),
}));
