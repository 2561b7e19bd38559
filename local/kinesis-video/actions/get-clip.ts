import { open, rm, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import * as v from "valibot";
import { DAY_MS } from "../../../base/durations.ts";
import { errorMessage } from "../../../base/errors.ts";
import { randomId } from "../../../base/random.ts";
import type { Call } from "../../api/api.ts";
import { StreamedResponse } from "../../api/rest.ts";
import { invalidArgument, noDataRetention, noFragments } from "../errors.ts";
import { fragmentsInRange, TIMESTAMP_TYPES } from "../fragments/select-fragments.ts";
import { isClientGone } from "../get-media/send-media.ts";
import { timestampMs } from "../inputs.ts";
import { streamAction } from "../stream-action.ts";
import { requireRetention } from "../streams.ts";

/** Documented: ClipTimestampRange. */
const MAX_RANGE_MS = DAY_MS;

const clipFragmentSelector = v.object({
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
});

/** An MP4 file of the whole fragments that start in the range; those beyond a clip's limits are left out without an error. */
export const getClip = streamAction(
  { ClipFragmentSelector: clipFragmentSelector },
  async (stream, { ClipFragmentSelector }, { cloud, state }) => {
    requireRetention(stream, noDataRetention);
    const { FragmentSelectorType: type, TimestampRange } = ClipFragmentSelector;
    const { StartTimestamp: startMs, EndTimestamp: endMs } = TimestampRange;
    if (type === "SERVER_TIMESTAMP" && endMs > cloud.clock.now())
      throw invalidArgument("EndTimestamp of a SERVER_TIMESTAMP range must be in the past.");

    const { clipFragments, writeClip } = await import("../clip/clip.ts");
    const store = state.fragments(stream);
    const fragments = clipFragments(fragmentsInRange(store.archived(), { type, startMs, endMs }, "oldest"));
    if (fragments.length === 0) throw noFragments("clip");
    state.quotas.points("fragmentMetadata", stream.arn, fragments.length);
    state.quotas.points("fragmentMedia", stream.arn, fragments.length);
    const path = join(tmpdir(), `doorstep-clip-${randomId()}.mp4`);
    const file = await open(path, "wx+");
    try {
      // Without a name, the file is removed when its handle is closed, even by a crash.
      await rm(path);
      await writeClip(fragments, { store, type, file });
    } catch (error) {
      await file.close();
      throw error;
    }
    return new StreamedResponse((call) =>
      send(call, file, (error) => cloud.events.emit("kinesis-video", "media-fault", { error })),
    );
  },
);

async function send(
  { response, requestId }: Call,
  file: FileHandle,
  onFault: (error: string) => void,
): Promise<void> {
  try {
    response.writeHead(200, {
      "content-type": "video/mp4",
      "content-length": (await file.stat()).size,
      "x-amzn-requestid": requestId,
    });
    await pipeline(file.createReadStream({ start: 0, autoClose: false }), response);
  } catch (error) {
    response.destroy();
    if (!isClientGone(error)) onFault(errorMessage(error));
  } finally {
    await file.close();
  }
}
