import { checkedId, openFleet } from "../../camera/registry.ts";
import { LEAVE_PERMISSIONS } from "../../camera/settings.ts";
import { CLOUD_FLAGS, STACK_FLAG } from "../../cloud.ts";
import { defineCommand, UsageError } from "../../command.ts";

const FLAGS = {
  yes: { type: "boolean", about: "do not ask for confirmation; required without a terminal" },
  "keep-video": { type: "boolean", about: "keep the stream with its video, which still costs" },
  ...STACK_FLAG,
  ...CLOUD_FLAGS,
} as const;

const NOTES = `Deletes the record, the stream processor (a running session is stopped first, of any engine), the stream with its video,
and the session's record. A session of face-search is ended first, and what its data stream holds is taken into the lake
before that is deleted. If a part cannot be deleted, repeat the command. Rows in the lake and evidence images are kept. The
table keeps the id with its key version, so that the credentials stay revoked: a new camera of the same id gets the next
version.

  npx doorstep camera remove front-door
  npx doorstep camera remove front-door --yes --keep-video

Needs cloudformation:DescribeStacks, dynamodb:GetItem, PutItem and DeleteItem, sqs:SendMessage on the sample queue,
rekognition:DescribeStreamProcessor, DeleteStreamProcessor and StopStreamProcessor, kinesisvideo:DescribeStream and
DeleteStream; and of face-search and of an id without a record,
${LEAVE_PERMISSIONS}.`;

export const cameraRemove = defineCommand({
  name: "camera remove",
  about: "Remove a camera, its stream and its stream processor",
  operands: ["<id>"],
  flags: FLAGS,
  notes: NOTES,
  async run({ flags, operands: [id], console, signal, clock }) {
    const cameraId = checkedId(id!);
    const isVideoKept = flags["keep-video"];
    const fleet = await openFleet(flags, clock);
    const camera = await fleet.find(cameraId);
    const { streamName, ...parts } = fleet.partsOf(cameraId, camera);
    const what = isVideoKept ? "" : " and all its video";
    const isSure = flags.yes || (await console.confirm(`Remove the camera ${cameraId}${what}?`, signal));
    if (isSure === undefined)
      throw new UsageError("expected --yes, since there is no terminal to confirm on");
    if (!isSure) throw new Error("nothing was removed");
    console.progress(`${cameraId}: removing`);
    const removed = await fleet.remove({ ...parts, ...(!isVideoKept && { streamName: streamName! }) });
    const names = [
      ...(removed.record ? ["record"] : []),
      ...(removed.processor ? [`stream processor ${parts.processorName}`] : []),
      ...(removed.stream ? [`stream ${streamName}`] : []),
    ];
    console.say(`${cameraId}: ${names.length > 0 ? `removed ${names.join(", ")}` : "nothing to remove"}`);
    if (isVideoKept) console.say(`kept the stream ${streamName}, if it existed`);
    if (camera)
      console.say(
        `its credentials are revoked; a new camera of this id gets key version ${camera.keyVersion + 1}`,
      );
    console.result({
      cameraId,
      removed,
      keyVersion: camera?.keyVersion,
      ...(isVideoKept && { keptStreamName: streamName }),
    });
  },
});
