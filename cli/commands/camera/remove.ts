import { checkedId, openFleet } from "../../camera/registry.ts";
import { CLOUD_FLAGS, STACK_FLAG } from "../../cloud.ts";
import { defineCommand, UsageError } from "../../command.ts";

const FLAGS = {
  yes: { type: "boolean", about: "do not ask; needed where there is no terminal" },
  "keep-video": { type: "boolean", about: "keep the stream with its video, which goes on to cost" },
  ...STACK_FLAG,
  ...CLOUD_FLAGS,
} as const;

const NOTES = `Removes the record, the stream processor (a session that runs is stopped, or ends by itself within two minutes), the
stream with its video, and the session's record. If something cannot be removed, run it again. What lies in the lake and
the images of what was detected stay. Keys are derived from a camera's id and their version, so one of the same id that
is added later has the old credential, unless camera add is told a later --key-version.

  doorstep camera remove front-door
  doorstep camera remove front-door --yes --keep-video

Needs cloudformation:DescribeStacks, dynamodb:GetItem and DeleteItem, rekognition:DeleteStreamProcessor and
StopStreamProcessor, kinesisvideo:DescribeStream and DeleteStream.`;

export const cameraRemove = defineCommand({
  name: "camera remove",
  about: "Remove a camera with everything that was made for it",
  operands: ["<id>"],
  flags: FLAGS,
  notes: NOTES,
  async run({ flags, operands: [id], console, signal }) {
    const cameraId = checkedId(id!);
    const isVideoKept = flags["keep-video"];
    const fleet = await openFleet(flags);
    const camera = await fleet.find(cameraId);
    const { streamName, ...parts } = fleet.partsOf(cameraId, camera);
    const what = isVideoKept ? "" : " and all its video";
    const isSure = flags.yes || (await console.confirm(`Remove the camera ${cameraId}${what}?`, signal));
    if (isSure === undefined) throw new UsageError("expected --yes, since there is no terminal to ask on");
    if (!isSure) throw new Error("nothing was removed");
    console.progress(`${cameraId}: being removed`);
    const removed = await fleet.remove({ ...parts, ...(!isVideoKept && { streamName: streamName! }) });
    const names = [
      ...(removed.record ? ["record"] : []),
      ...(removed.processor ? [`stream processor ${parts.processorName}`] : []),
      ...(removed.stream ? [`stream ${streamName}`] : []),
    ];
    console.say(
      `${cameraId}: ${names.length > 0 ? `removed ${names.join(", ")}` : "there was nothing to remove"}`,
    );
    if (isVideoKept) console.say(`kept the stream ${streamName}, if it was there`);
    if (camera)
      console.say(
        `its key was version ${camera.keyVersion}; if the id is to be used again: doorstep camera add ${cameraId} --key-version ${camera.keyVersion + 1}`,
      );
    console.result({
      cameraId,
      removed,
      keyVersion: camera?.keyVersion,
      ...(isVideoKept && { keptStreamName: streamName }),
    });
  },
});
