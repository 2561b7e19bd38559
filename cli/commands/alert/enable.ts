import { existingTarget, publicTarget, withAlerts } from "../../alert/registry.ts";
import { CLOUD_FLAGS, STACK_FLAG } from "../../cloud.ts";
import { defineCommand, type Command } from "../../command.ts";
import { iso } from "../../text.ts";

const FLAGS = { ...STACK_FLAG, ...CLOUD_FLAGS } as const;

const command = (verb: "enable" | "disable", about: string, notes: string): Command =>
  defineCommand({
    name: `alert target ${verb}`,
    about,
    operands: ["<target>"],
    flags: FLAGS,
    notes: `${notes}\n\n  npx doorstep alert target ${verb} pager\n\nNeeds cloudformation:DescribeStacks, dynamodb:GetItem and PutItem.`,
    async run({ flags, operands: [id], console, clock }) {
      await withAlerts(flags, clock, async (alerts) => {
        const before = await existingTarget(alerts, id!, flags.stack);
        const isChanged = (before.disabled === undefined) === (verb === "disable");
        const { disabled: why, ...enabled } = before;
        const target =
          verb === "enable"
            ? enabled
            : { ...enabled, disabled: why ?? `disabled by its operator at ${iso(clock.now())}` };
        if (isChanged) await alerts.putTarget(target);
        const { targetId } = target;
        console.say(`${targetId}: ${isChanged ? "" : "already "}${verb}d`);
        if (isChanged && why !== undefined) console.say(`it was disabled: ${why}`);
        console.result({ target: publicTarget(target), outcome: isChanged ? `${verb}d` : "unchanged" });
      });
    },
  });

export const alertTargetEnable = command(
  "enable",
  "Send messages to a disabled target again",
  "A target that responds 410 (gone) is disabled by the sender. What was not sent meanwhile is in the queue of unsent messages,\nand npx doorstep redrive sends it again.",
);

export const alertTargetDisable = command(
  "disable",
  "Stop sending messages to a target, and keep it in its rules",
  "Messages to it go to the queue of unsent messages, for up to 14 days.",
);
