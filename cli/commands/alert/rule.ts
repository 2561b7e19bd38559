import { checkProblems, existingRule, snoozedText, withAlerts } from "../../alert/registry.ts";
import {
  checkedSettingId,
  RULE_FLAGS,
  ruleCamerasText,
  ruleDifferences,
  ruleLabelsText,
  rulePersonsOf,
  rulePersonsText,
  ruleRows,
  ruleSettingsOf,
  withSettings,
} from "../../alert/settings.ts";
import { formatSchedule } from "../../camera/text.ts";
import { CLOUD_FLAGS, STACK_FLAG } from "../../cloud.ts";
import { columns, defineCommand, UsageError } from "../../command.ts";
import { textTable } from "../../table.ts";
import { counted } from "../../text.ts";

const FORCE = {
  type: "boolean",
  about: "save the rule although it can raise nothing with the cameras as they are",
} as const;

const CHECKS = `A rule is refused if it names a camera or a target that does not exist, or if it can raise nothing: it has no hours, no camera
has its tags, none of its cameras detects its labels, searches faces for its persons, or analyses motion in its hours. --force saves one that can raise nothing
yet. Labels that no camera detects beside others, a rule without a target, and targets that are all disabled are warnings.`;

const NEEDS = "Needs cloudformation:DescribeStacks, dynamodb:Scan, Query, GetItem and PutItem.";

export const alertRuleAdd = defineCommand({
  name: "alert rule add",
  about: "Create a rule: which detections raise an alert, and whom it reaches",
  operands: ["<rule>"],
  flags: {
    ...RULE_FLAGS,
    off: { type: "boolean", about: "keep the rule switched off until alert rule update --on" },
    force: FORCE,
    ...STACK_FLAG,
    ...CLOUD_FLAGS,
  },
  notes: `A condition that is left out holds for every detection. One alert covers a motion from its first detection to its end: later
detections update it. A rule with --person raises its alert by a face, some seconds after the label PERSON; a rule without
raises it by labels, and faces update it. Settings by default:

${columns(ruleRows(withSettings({ ruleId: "new-rule" }, {})))}

${CHECKS}

  npx doorstep alert rule add people --labels PERSON=80 --target phone
  npx doorstep alert rule add night --labels PERSON --schedule "mon-sun 22:00-06:00" --time-zone Europe/Berlin --severity critical --target phone
  npx doorstep alert rule add strangers --person unknown --severity critical --target phone
  npx doorstep alert rule add parcels --camera front-door --labels PACKAGE --package-reminder 30m --target family

${NEEDS}`,
  async run({ flags, operands: [id], console, clock }) {
    const ruleId = checkedSettingId("<rule>", id!);
    const settings = ruleSettingsOf({ ...flags });
    await withAlerts(flags, clock, async (alerts) => {
      const persons = flags.person?.length ? await alerts.persons() : [];
      const rule = withSettings(
        { ruleId },
        {
          ...settings,
          ...rulePersonsOf(flags.person ?? [], persons),
          ...(flags.off && { enabled: false }),
        },
      );
      const before = await alerts.findRule(ruleId);
      const different = before ? ruleDifferences(before, rule) : [];
      if (different.length > 0)
        throw new Error(
          `${ruleId} exists with other ${different.join(", ")}; nothing was changed, npx doorstep alert rule update ${ruleId} does`,
        );
      const problems = await alerts.problemsOf(rule);
      checkProblems(rule, problems, flags.force, console);
      if (!before) await alerts.putRule(rule);
      console.say(`${ruleId}: ${before ? "exists" : "created"}`);
      console.say(columns(ruleRows(rule, persons)));
      console.result({ rule, outcome: before ? "existed" : "created", problems });
    });
  },
});

export const alertRuleUpdate = defineCommand({
  name: "alert rule update",
  about: "Change a rule, or switch it on or off",
  operands: ["<rule>"],
  flags: {
    ...RULE_FLAGS,
    on: { type: "boolean", about: "switch the rule on" },
    off: {
      type: "boolean",
      about: "switch the rule off; it raises nothing, and open alerts get no more messages",
    },
    force: FORCE,
    ...STACK_FLAG,
    ...CLOUD_FLAGS,
  },
  notes: `Changes only the given settings; cameras, tags, labels and targets are replaced as a whole. The next detection is decided by
the new rule.

${CHECKS}

  npx doorstep alert rule update people --labels PERSON=90,PET --cooldown 10m
  npx doorstep alert rule update people --camera any --schedule always --target none
  npx doorstep alert rule update people --off

${NEEDS}`,
  async run({ flags, operands: [id], console, clock }) {
    if (flags.on && flags.off) throw new UsageError("give --on or --off, not both");
    const settings = {
      ...ruleSettingsOf({ ...flags }),
      ...((flags.on || flags.off) && { enabled: flags.on }),
    };
    if (Object.keys(settings).length === 0 && !flags.person?.length)
      throw new UsageError("expected a setting to change, e.g. --labels PERSON=80");
    await withAlerts(flags, clock, async (alerts) => {
      const before = await existingRule(alerts, id!, flags.stack);
      const persons = flags.person?.length ? await alerts.persons() : await alerts.personsOf([before]);
      const rule = withSettings(before, { ...settings, ...rulePersonsOf(flags.person ?? [], persons) });
      const changed = ruleDifferences(before, rule);
      const problems = await alerts.problemsOf(rule);
      // A rule that raises nothing can be switched off.
      checkProblems(rule, problems, flags.force || !rule.enabled, console);
      if (changed.length > 0) await alerts.putRule(rule);
      console.say(`${rule.ruleId}: ${changed.length > 0 ? `changed ${changed.join(", ")}` : "no change"}`);
      console.say(columns(ruleRows(rule, persons)));
      console.result({ rule, changed, problems });
    });
  },
});

export const alertRuleList = defineCommand({
  name: "alert rule list",
  about: "List the rules, and which are snoozed",
  operands: [],
  flags: { ...STACK_FLAG, ...CLOUD_FLAGS },
  notes: `  npx doorstep alert rule list
  npx doorstep alert rule list --json | jq -r '.rules[].ruleId'

Needs cloudformation:DescribeStacks and dynamodb:Query, and dynamodb:Scan on the table of persons for the names of rules'
persons.`,
  async run({ flags, console, clock }) {
    await withAlerts(flags, clock, async (alerts) => {
      const [rules, snoozes] = [await alerts.rules(), await alerts.snoozes()];
      const persons = await alerts.personsOf(rules);
      if (rules.length > 0)
        console.say(
          textTable(
            ["rule", "cameras", "labels", "persons", "hours", "severity", "targets", "enabled", "snoozed"],
            rules.map((rule) => [
              rule.ruleId,
              ruleCamerasText(rule),
              ruleLabelsText(rule),
              rulePersonsText(rule, persons),
              `${formatSchedule(rule.schedule)}${rule.schedule ? ` ${rule.timeZone}` : ""}`,
              rule.severity,
              rule.targets.join(", ") || "none",
              rule.enabled ? "yes" : "no",
              snoozedText(snoozes, "rule", rule.ruleId),
            ]),
          ),
        );
      console.say(counted(rules.length, "rule"));
      for (const { of, untilMs } of snoozes.filter(({ of: { kind } }) => kind === "camera"))
        console.say(`camera ${of.id} is snoozed until ${new Date(untilMs).toISOString()}`);
      console.result({ rules, snoozes });
    });
  },
});

export const alertRuleShow = defineCommand({
  name: "alert rule show",
  about: "Show a rule, and what keeps it from raising alerts",
  operands: ["<rule>"],
  flags: { ...STACK_FLAG, ...CLOUD_FLAGS },
  notes: `  npx doorstep alert rule show people

Needs cloudformation:DescribeStacks, dynamodb:Scan, Query and GetItem.`,
  async run({ flags, operands: [id], console, clock }) {
    await withAlerts(flags, clock, async (alerts) => {
      const rule = await existingRule(alerts, id!, flags.stack);
      const [problems, snoozes] = [await alerts.problemsOf(rule), await alerts.snoozes()];
      const snoozed = snoozedText(snoozes, "rule", rule.ruleId);
      console.say(console.style("bold", rule.ruleId));
      const persons = await alerts.personsOf([rule]);
      console.say(columns([...ruleRows(rule, persons), ["snoozed", snoozed || "no"]]));
      for (const { what, todo } of problems) console.say(console.style("yellow", `${what}; ${todo}`));
      const untilMs = snoozes.find(({ of }) => of.kind === "rule" && of.id === rule.ruleId)?.untilMs;
      console.result({ rule, problems, ...(untilMs !== undefined && { snoozedUntilMs: untilMs }) });
    });
  },
});

export const alertRuleRemove = defineCommand({
  name: "alert rule remove",
  about: "Remove a rule",
  operands: ["<rule>"],
  flags: { ...STACK_FLAG, ...CLOUD_FLAGS },
  notes: `Alerts that it raised get no more messages from it. alert rule update --off keeps the rule.

  npx doorstep alert rule remove people

Needs cloudformation:DescribeStacks, dynamodb:GetItem and DeleteItem.`,
  async run({ flags, operands: [id], console, clock }) {
    await withAlerts(flags, clock, async (alerts) => {
      const rule = await existingRule(alerts, id!, flags.stack);
      await alerts.removeRule(rule.ruleId);
      console.say(`${rule.ruleId}: removed`);
      console.result({ rule, outcome: "removed" });
    });
  },
});
