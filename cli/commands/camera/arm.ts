import { systemClock } from "../../../base/clock.ts";
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
    notes: `${notes}\n\n  doorstep camera ${verb} front-door\n\n${NEEDS}`,
    async run({ flags, operands: [id], console }) {
      const armed = verb === "arm";
      const fleet = await openFleet(flags);
      const before = await registered(fleet, id!, flags.stack);
      const isNews = before.armed !== armed;
      const changes = { armed, armedSinceMs: armed ? systemClock.now() : undefined };
      if (isNews) await fleet.change(before, changes);
      const camera = isNews ? { ...before, ...changes } : before;
      console.say(`${camera.cameraId}: ${isNews ? "" : "already "}${verb}ed`);
      console.say(`armed: ${armedText(camera)}`);
      console.result({ camera, outcome: isNews ? `${verb}ed` : "unchanged" });
    },
  });

export const cameraArm = command(
  "arm",
  "Analyse a camera's motion again, in its hours",
  "The hours of its schedule count again, from now on; motion before stays unanalysed.",
);

export const cameraDisarm = command(
  "disarm",
  "Analyse a camera's motion no more, and keep its hours",
  "Motion is still taken, and recorded in the ledger as a gap with the reason schedule. A session that runs ends as it would\nand is not renewed. The schedule is kept for camera arm.",
);
