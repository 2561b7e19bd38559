import { open, rm, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import * as v from "valibot";
import { randomId } from "../../../base/random.ts";
import { errorMessage } from "../../../base/errors.ts";
import type { ActionContext } from "../../api/action.ts";
import type { Call } from "../../api/api.ts";
import { AwsError } from "../../errors.ts";
import { clipFragments, noFragments, writeClip } from "../archive/clip.ts";
import { fragmentsInRange, requireArchive, TIMESTAMP_TYPES } from "../archive/select-fragments.ts";
import { isClientGone, readInput } from "../get-media/media-route.ts";
import { namesOneStream, streamReference, timestampMs } from "../inputs.ts";
import type { KinesisVideo } from "../state.ts";

/** Documented: ClipTimestampRange. */
const MAX_RANGE_MS = 24 * 60 * 60_000;

const input = v.pipe(
  v.object({
    ...streamReference,
    ClipFragmentSelector: v.object({
      FragmentSelectorType: v.picklist(TIMESTAMP_TYPES),
      TimestampRange: v.pipe(
        v.object({ StartTimestamp: timestampMs, EndTimestamp: timestampMs }),
        v.check(
          ({ StartTimestamp, EndTimestamp }) => EndTimestamp > StartTimestamp,
          "EndTimestamp must be later than StartTimestamp",
        ),
        v.check(
          ({ StartTimestamp, EndTimestamp }) => EndTimestamp - StartTimestamp <= MAX_RANGE_MS,
          "EndTimestamp must be within 24 hours of StartTimestamp",
        ),
      ),
    }),
  }),
  namesOneStream(),
);

/** GetClip: an MP4 file of the whole fragments that start in the range, as many as a clip takes, silently. */
export async function getClip(call: Call, { cloud, state }: ActionContext<KinesisVideo>): Promise<void> {
  const request = await readInput(call, input);
  cloud.access.authorise(call.caller, "kinesisvideo:GetClip", state.streams.arnOf(request));
  const stream = state.streams.find(request);
  requireArchive(stream);
  const { FragmentSelectorType: type, TimestampRange } = request.ClipFragmentSelector;
  const { StartTimestamp: startMs, EndTimestamp: endMs } = TimestampRange;
  if (type === "SERVER_TIMESTAMP" && endMs > cloud.clock.now())
    throw new AwsError(
      "InvalidArgumentException",
      "EndTimestamp of a SERVER_TIMESTAMP range must be in the past.",
    );

  const store = state.fragments(stream);
  const fragments = clipFragments(fragmentsInRange(store.archived(), { type, startMs, endMs }, "oldest"));
  if (fragments.length === 0) throw noFragments();
  state.quotas.points("fragmentMetadata", stream.arn, fragments.length);
  state.quotas.points("fragmentMedia", stream.arn, fragments.length);
  const path = join(tmpdir(), `doorstep-clip-${randomId()}.mp4`);
  const file = await open(path, "wx+");
  try {
    // Without a name the file goes with its handle, however this ends.
    await rm(path);
    await writeClip(fragments, { store, type, file });
    await send(call, file, (error) => cloud.events.emit("kinesis-video", "media-fault", { error }));
  } finally {
    await file.close();
  }
}

async function send(
  { response, requestId }: Call,
  file: FileHandle,
  onFault: (error: string) => void,
): Promise<void> {
  response.writeHead(200, {
    "content-type": "video/mp4",
    "content-length": (await file.stat()).size,
    "x-amzn-requestid": requestId,
  });
  try {
    await pipeline(file.createReadStream({ start: 0, autoClose: false }), response);
  } catch (error) {
    response.destroy();
    if (!isClientGone(error)) onFault(errorMessage(error));
  }
}
