import { descriptionOf, shardDescriptions } from "../description.ts";
import { streamAction } from "../stream-action.ts";

export const describeStreamSummary = streamAction({}, (stream, _, { state, cloud }) => ({
  StreamDescriptionSummary: {
    ...descriptionOf(stream, state, cloud),
    OpenShardCount: shardDescriptions(stream, state).length,
    ConsumerCount: 0,
  },
}));
