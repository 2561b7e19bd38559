import { DAY_MS } from "../../../base/durations.ts";
import type { Alerts } from "../../../operator/alerts.ts";
import type { Snoozed } from "../../../schemas/snooze.ts";
import { readSnoozed, snoozeRows, withAlerts } from "../../alert/registry.ts";
import { CLOUD_FLAGS, STACK_FLAG } from "../../cloud.ts";
import { defineCommand, UsageError } from "../../command.ts";
import { textTable } from "../../table.ts";
import { counted, iso, readDuration, readTime } from "../../text.ts";

const MAX_SNOOZE_MS = 30 * DAY_MS;

const FLAGS = {
  for: { type: "string", value: "<duration>", about: "for so long, e.g. 15m, 1h, 2d; at most 30d" },
  until: {
    type: "string",
    value: "<time>",
    about: "until this time, ISO 8601 with a zone or epoch milliseconds",
  },
  list: { type: "boolean", about: "list what is snoozed" },
  ...STACK_FLAG,
  ...CLOUD_FLAGS,
} as const;

export const alertSnooze = defineCommand({
  name: "alert snooze",
  about: "Raise no alerts of a camera or a rule for a while, or list what is snoozed",
  operands: ["[camera|rule]", "[<id>]"],
  flags: FLAGS,
  notes: `Detections go on, and reach the lake as suppressed with the reason snoozed. Open alerts get no messages either. The links of
messages snooze too. A second snooze replaces the first. To switch a rule off for good, use alert rule update --off.

  npx doorstep alert snooze camera front-door --for 1h
  npx doorstep alert snooze rule people --until 2026-12-01T07:00:00+01:00
  npx doorstep alert snooze --list

Needs cloudformation:DescribeStacks, dynamodb:GetItem, Query and PutItem.`,
  async run({ flags, operands: [kind, id], console, clock }) {
    if (flags.list) {
      if (kind !== undefined || flags.for !== undefined || flags.until !== undefined)
        throw new UsageError("give --list alone");
      return await withAlerts(flags, clock, async (alerts) => {
        const snoozes = await alerts.snoozes();
        if (snoozes.length > 0) console.say(textTable(["", "id", "until"], snoozeRows(snoozes)));
        console.say(counted(snoozes.length, "snooze"));
        console.result({ snoozes });
      });
    }
    if (kind === undefined || id === undefined)
      throw new UsageError("expected camera <id> or rule <id>, or --list");
    const of = readSnoozed(kind, id);
    const untilMs = readUntil(flags, clock.now());
    await withAlerts(flags, clock, async (alerts) => {
      await checkExists(alerts, of, flags.stack);
      await alerts.snooze(of, untilMs);
      console.say(`${of.kind} ${of.id}: snoozed until ${iso(untilMs)}`);
      console.result({ snooze: { of, untilMs } });
    });
  },
});

export const alertWake = defineCommand({
  name: "alert wake",
  about: "End the snooze of a camera or a rule",
  operands: ["camera|rule", "<id>"],
  flags: { ...STACK_FLAG, ...CLOUD_FLAGS },
  notes: `  npx doorstep alert wake camera front-door

Needs cloudformation:DescribeStacks and dynamodb:DeleteItem.`,
  async run({ flags, operands: [kind, id], console, clock }) {
    const of = readSnoozed(kind!, id!);
    await withAlerts(flags, clock, async (alerts) => {
      const wasSnoozed = (await alerts.snoozes()).some(
        (one) => one.of.kind === of.kind && one.of.id === of.id,
      );
      await alerts.wake(of);
      console.say(`${of.kind} ${of.id}: ${wasSnoozed ? "no longer snoozed" : "was not snoozed"}`);
      console.result({ of, outcome: wasSnoozed ? "woken" : "unchanged" });
    });
  },
});

/** @throws UsageError */
function readUntil(
  flags: { readonly for: string | undefined; readonly until: string | undefined },
  nowMs: number,
): number {
  if ((flags.for === undefined) === (flags.until === undefined))
    throw new UsageError("expected --for, e.g. --for 1h, or --until");
  const untilMs =
    flags.for === undefined
      ? readTime("--until", flags.until!, nowMs)
      : nowMs + readDuration("--for", flags.for);
  const given = flags.for === undefined ? `--until ${flags.until}` : `--for ${flags.for}`;
  if (untilMs <= nowMs) throw new UsageError(`${given} is over already; expected a time in the future`);
  if (untilMs > nowMs + MAX_SNOOZE_MS)
    throw new UsageError(`${given} is too long; expected at most 30d, or alert rule update --off`);
  return untilMs;
}

/** @throws Error when there is no such camera or rule */
async function checkExists(alerts: Alerts, { kind, id }: Snoozed, stack: string): Promise<void> {
  const found = await (kind === "camera" ? alerts.findCamera(id) : alerts.findRule(id));
  if (found) return;
  throw new Error(
    kind === "camera"
      ? `no camera ${id} is registered in stack ${stack}; npx doorstep camera list`
      : `there is no rule ${id} in stack ${stack}; npx doorstep alert rule list`,
  );
}
