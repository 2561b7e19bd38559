import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { streamArn, version } from "../inputs.ts";
import type { KinesisVideo } from "../state.ts";
import { checkVersion } from "../streams.ts";

const input = v.object({ StreamARN: streamArn, CurrentVersion: v.optional(version) });

/** By ARN only; connections end and the media is deleted at once. */
export const deleteStream: Action<KinesisVideo, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ StreamARN }) => StreamARN,
  run: async ({ StreamARN, CurrentVersion }, { state }) => {
    const stream = state.streams.find({ StreamARN });
    checkVersion(stream, CurrentVersion);
    await state.delete(stream);
    return {};
  },
};
