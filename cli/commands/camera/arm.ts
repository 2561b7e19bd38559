import { armedText } from "../../camera/settings.ts";
import { openFleet, registered } from "../../camera/registry.ts";
import { CLOUD_FLAGS, STACK_FLAG } from "../../cloud.ts";
import { defineCommand, type Command } from "../../command.ts";

const FLAGS = { ...STACK_FLAG, ...CLOUD_FLAGS } as const;
const NEEDS = "Needs cloudformation:DescribeStacks, dynamodb:GetItem and UpdateItem.";

const command = (verb: "arm" | "disarm", about: string, notes: string): Command =>
  defineCommand({
    name: `camera ${verb}`,
    about,
    operands: ["<id>"],
    flags: FLAGS,
    notes: `${notes}\n\n  npx doorstep camera ${verb} front-door\n\n${NEEDS}`,
    async run({ flags, operands: [id], console, clock }) {
      const armed = verb === "arm";
      const fleet = await openFleet(flags, clock);
      const before = await registered(fleet, id!, flags.stack);
      const isChanged = before.armed !== armed;
      const changes = { armed, armedSinceMs: armed ? clock.now() : undefined };
      if (isChanged) await fleet.change(before, changes);
      const camera = isChanged ? { ...before, ...changes } : before;
      console.say(`${camera.cameraId}: ${isChanged ? "" : "already "}${verb}ed`);
      console.say(`armed: ${armedText(camera)}`);
      console.result({ camera, outcome: isChanged ? `${verb}ed` : "unchanged" });
    },
  });

export const cameraArm = command(
  "arm",
  "Analyse a camera's motion again, in the hours of its schedule",
  "Analyses motion from now on; earlier motion is not analysed.",
);

export const cameraDisarm = command(
  "disarm",
  "Stop analysing a camera's motion, and keep its schedule",
  "Motion requests are still accepted, and recorded in the coverage ledger as gaps with the reason schedule. A running session\nends normally and is not renewed. The schedule is kept for camera arm.",
);
