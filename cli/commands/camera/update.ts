import type { Camera } from "../../../schemas/camera.ts";
import { openFleet, registered } from "../../camera/registry.ts";
import {
  CAMERA_FLAGS,
  checkMotionRules,
  differences,
  settingRows,
  settingsOf,
  type GivenSettings,
} from "../../camera/settings.ts";
import { CLOUD_FLAGS, STACK_FLAG } from "../../cloud.ts";
import { columns, defineCommand, UsageError } from "../../command.ts";

const FLAGS = { ...CAMERA_FLAGS, ...STACK_FLAG, ...CLOUD_FLAGS } as const;

const NOTES = `Changes only the given settings. Labels and regions are replaced as a whole; tags are changed one by one, and --tag site=
removes one. Labels, confidences and regions are updated on the stream processor. New tags, or another role, stream or
topic of the stack, delete the processor and create it again. Both are refused while a session runs; then nothing is
changed, and the error says so. A shorter retention deletes older video.

  npx doorstep camera update front-door --labels PERSON=90,PACKAGE=70
  npx doorstep camera update front-door --region-of-interest none --budget-minutes none --schedule always

Needs the permissions of camera add, and dynamodb:UpdateItem, rekognition:UpdateStreamProcessor and DeleteStreamProcessor.`;

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
    checkMotionRules(settings, before.motionFormat);
    const merged = { ...settings, ...(settings.tags && { tags: mergedTags(before, settings.tags) }) };
    const changed = changesOf(before, merged);
    const { camera, processor, isRetentionNew } = await fleet.update(before, changed, retentionHours);
    const fields = [...Object.keys(changed), ...(isRetentionNew ? ["retentionHours"] : [])];
    console.say(`${camera.cameraId}: ${fields.length > 0 ? `changed ${fields.join(", ")}` : "no change"}`);
    if (processor !== "unchanged") console.say(`stream processor ${camera.processorName} ${processor}`);
    console.say(columns(settingRows(camera)));
    console.result({ camera, changed: fields, processor });
  },
});

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
