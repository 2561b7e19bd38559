import type { ProcessorOutcome } from "../../../operator/fleet.ts";
import type { Camera } from "../../../schemas/camera.ts";
import { withBudget } from "../../camera/budget.ts";
import { openFleet, registered } from "../../camera/registry.ts";
import {
  CAMERA_FLAGS,
  checkTogether,
  differences,
  LEAVE_PERMISSIONS,
  settingRows,
  settingsOf,
  type GivenSettings,
} from "../../camera/settings.ts";
import { CLOUD_FLAGS, STACK_FLAG } from "../../cloud.ts";
import { columns, defineCommand, UsageError } from "../../command.ts";

const FLAGS = {
  ...CAMERA_FLAGS,
  engine: { ...CAMERA_FLAGS.engine, about: "engine to move the camera to" },
  ...STACK_FLAG,
  ...CLOUD_FLAGS,
} as const;

const NOTES = `Changes only the given settings. Labels and regions are replaced as a whole; tags are changed one by one, and --tag site=
removes one. Labels, confidences and regions are updated on the stream processor. New tags, or another role, stream or
topic of the stack, delete the processor and create it again. Both are refused while a session runs; then nothing is
changed, and the error says so. A shorter retention deletes older video.

--budget-minutes replaces a budget in dollars, and --budget-usd one in minutes. A budget in dollars keeps them when the engine,
--max-duration or --max-sample-gap changes; the minutes that they buy change then.

--engine moves the camera: a running session ends with the engine that started it, and the next one runs on the new engine. To
stream-processor or face-search, the processor is created before the record is changed; if that fails, nothing has changed. To
frames, it is deleted after the record is changed; while its last session runs it is kept, and the output says how to delete it
later. From face-search, the record is changed first; then the session is ended, what the data stream holds is taken into the
lake (unless faces are switched off), and data stream and processor are deleted. If that fails, repeat the command.

  npx doorstep camera update front-door --labels PERSON=90,PACKAGE=70
  npx doorstep camera update front-door --engine frames
  npx doorstep camera update front-door --engine face-search --faces on
  npx doorstep camera update front-door --budget-usd 0.25
  npx doorstep camera update front-door --region-of-interest none --budget-minutes none --schedule always

Needs the permissions of camera add, and dynamodb:UpdateItem, rekognition:UpdateStreamProcessor and DeleteStreamProcessor; from
face-search also rekognition:StopStreamProcessor, and
${LEAVE_PERMISSIONS}.`;

export const cameraUpdate = defineCommand({
  name: "camera update",
  about: "Change a camera's settings",
  operands: ["<id>"],
  flags: FLAGS,
  notes: NOTES,
  async run({ flags, operands: [id], console, clock }) {
    const { settings, retentionHours } = settingsOf({ ...flags });
    if (Object.keys(settings).length === 0 && retentionHours === undefined)
      throw new UsageError("expected a setting to change, e.g. --labels PERSON=80");
    const fleet = await openFleet(flags, clock);
    const before = await registered(fleet, id!, flags.stack);
    checkTogether(settings, before);
    const merged = { ...settings, ...(settings.tags && { tags: mergedTags(before, settings.tags) }) };
    const changed = changesOf(before, withBudget(merged, before));
    const { camera, processor, isRetentionNew } = await fleet.update(before, changed, retentionHours);
    const fields = [...Object.keys(changed), ...(isRetentionNew ? ["retentionHours"] : [])];
    console.say(`${camera.cameraId}: ${fields.length > 0 ? `changed ${fields.join(", ")}` : "no change"}`);
    for (const line of processorLines(camera, processor)) console.say(line);
    console.say(columns(settingRows(camera)));
    console.result({ camera, changed: fields, processor });
  },
});

function processorLines({ cameraId, processorName }: Camera, processor: ProcessorOutcome): string[] {
  if (processor === "unchanged" || processor === "none") return [];
  if (processor !== "in-use") return [`stream processor ${processorName} ${processor}`];
  return [
    `stream processor ${processorName} is running its last session, which ends normally;`,
    `in two minutes, npx doorstep camera update ${cameraId} --engine frames deletes it`,
  ];
}

function mergedTags({ tags }: Camera, given: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries({ ...tags, ...given }).filter(([, value]) => value !== ""));
}

/** Only the settings that differ from before. */
function changesOf(before: Camera, settings: GivenSettings): GivenSettings {
  const fields = new Set(differences(before, settings));
  const isTagRemoved = settings.tags && Object.keys(before.tags).some((key) => !(key in settings.tags!));
  if (isTagRemoved) fields.add("tags");
  return Object.fromEntries(Object.entries(settings).filter(([field]) => fields.has(field)));
}
