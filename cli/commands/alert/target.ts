import * as v from "valibot";
import { DAY_MS } from "../../../base/durations.ts";
import { withNewSecret } from "../../../core/alerts/keys.ts";
import type { Subscriber } from "../../../operator/alert-subscriptions.ts";
import { formatProblem, guessFormat, shownUrl } from "../../../operator/alert-url.ts";
import type { Alerts } from "../../../operator/alerts.ts";
import { destinationOf } from "../../../aws/webhook-sender.ts";
import {
  alertTarget,
  TARGET_FORMATS,
  type AlertTarget,
  type TargetFormat,
} from "../../../schemas/alert-target.ts";
import {
  existingTarget,
  placeText,
  publicTarget,
  secretLines,
  targetRows,
  withAlerts,
} from "../../alert/registry.ts";
import { checkedSettingId } from "../../alert/settings.ts";
import { CLOUD_FLAGS, STACK_FLAG } from "../../cloud.ts";
import { columns, defineCommand, UsageError } from "../../command.ts";
import type { Console } from "../../console.ts";
import { textTable } from "../../table.ts";
import { counted, iso, readDuration } from "../../text.ts";

const ADD_FLAGS = {
  url: { type: "string", value: "<url>", about: "where messages are posted; https, without a redirect" },
  format: {
    type: "string",
    value: TARGET_FORMATS.join("|"),
    about: "what the receiver understands; by default guessed from the URL, else standard",
  },
  token: { type: "string", value: "<token>", about: "bearer token that the receiver expects, e.g. ntfy's" },
  "allow-private": {
    type: "boolean",
    about: "allow a private address and http; the sender has to reach it, so for the local cloud",
  },
  "no-pictures": { type: "boolean", about: "send no links to pictures" },
  email: {
    type: "string",
    multiple: true,
    value: "<address>",
    about: "instead of --url: send e-mail by SNS, once the receiver confirms; may be repeated",
  },
  sms: {
    type: "string",
    multiple: true,
    value: "<number>",
    about: "instead of --url: send SMS by SNS, e.g. to +491701234567; may be repeated",
  },
  ...STACK_FLAG,
  ...CLOUD_FLAGS,
} as const;

type AddFlags = {
  readonly url: string | undefined;
  readonly format: string | undefined;
  readonly token: string | undefined;
  readonly "allow-private": boolean;
  readonly "no-pictures": boolean;
  readonly email: readonly string[];
  readonly sms: readonly string[];
};

export const alertTargetAdd = defineCommand({
  name: "alert target add",
  about: "Create a target: a webhook, ntfy, Slack, Home Assistant, e-mail or SMS",
  operands: ["<target>"],
  flags: ADD_FLAGS,
  notes: `A URL may contain a secret, such as Slack's and Home Assistant's do: it is shown without its path afterwards. The formats:

  standard         Standard Webhooks, signed with a secret of the target's own, which is printed once
  ntfy             a message with a picture to the topic at the end of the URL's path
  slack            for incoming webhooks of Slack, and of Discord (/slack), Mattermost and others that accept the same
  home-assistant   for a webhook trigger, https://<host>/api/webhook/<id>; examples/ has a blueprint
  sns              e-mail and SMS, without pictures but with their links

A private address is refused, because a target must not reach what only the sender can. Slack and others with a public host
need no --allow-private; a Home Assistant at home needs an address from outside, or a tunnel.

  npx doorstep alert target add phone --url https://ntfy.sh/my-cameras-7f3a
  npx doorstep alert target add pager --url https://example.com/hooks/doorstep
  npx doorstep alert target add family --email me@example.com --email you@example.com
  npx doorstep alert target add here --url http://127.0.0.1:8080/ --allow-private --local

Needs cloudformation:DescribeStacks, dynamodb:GetItem and PutItem, for the secret secretsmanager:GetSecretValue, for e-mail and
SMS sns:ListSubscriptionsByTopic, GetSubscriptionAttributes, SetSubscriptionAttributes and Subscribe on the stack's alert topic.`,
  async run({ flags, operands: [id], console, clock }) {
    const targetId = checkedSettingId("<target>", id!);
    const { target, why } = newTarget(targetId, flags);
    const subscribers = subscribersOf(flags);
    if (target.url !== undefined) await checkDestination(target, console);
    await withAlerts(flags, clock, async (alerts) => {
      if (await alerts.findTarget(targetId))
        throw new Error(
          `there is a target ${targetId} already; nothing was changed. npx doorstep alert target remove ${targetId} removes it`,
        );
      const waiting = await alerts.addTarget(target, subscribers);
      const secret = target.format === "standard" ? await alerts.signingSecret(target) : undefined;
      console.say(`${targetId}: created`);
      if (why !== undefined) console.say(`format: ${target.format}, because ${why}; --format names another`);
      const subscriptions = target.format === "sns" ? await alerts.subscriptions.list() : [];
      console.say(columns(targetRows(target, subscriptions, clock.now())));
      for (const { endpoint } of waiting)
        console.say(
          `${endpoint} gets nothing until it confirms: open the link in the message that SNS sent to it, within 48 hours`,
        );
      if (secret !== undefined) for (const line of ["", ...secretLines(target, secret)]) console.say(line);
      console.say();
      console.say(`npx doorstep alert test ${targetId} sends a test message to it`);
      console.result({
        target: publicTarget(target),
        outcome: "created",
        ...(why !== undefined && { formatReason: why }),
        ...(secret !== undefined && { secret }),
        ...(subscribers.length > 0 && { subscribers, waiting }),
      });
    });
  },
});

/** @throws UsageError */
function newTarget(
  targetId: string,
  flags: AddFlags,
): { readonly target: AlertTarget; readonly why?: string } {
  const isSns = flags.email.length + flags.sms.length > 0;
  const format = formatOf(flags.format);
  if (isSns === (flags.url !== undefined))
    throw new UsageError("expected --url, or --email and --sms, and not both");
  if (isSns) {
    if (format !== undefined && format !== "sns")
      throw new UsageError(`--format is ${format}; expected sns with --email and --sms`);
    if (flags.token !== undefined || flags["allow-private"])
      throw new UsageError("--token and --allow-private are for a target with a --url");
    return { target: v.parse(alertTarget, { targetId, format: "sns", pictures: !flags["no-pictures"] }) };
  }
  if (format === "sns") throw new UsageError("--format is sns; expected --email or --sms with it");
  const url = URL.parse(flags.url!.trim());
  if (!url) throw new UsageError("--url is not a URL; expected one such as https://example.com/hook");
  const guessed = format === undefined ? guessFormat(url) : undefined;
  const problem = formatProblem(format ?? guessed!.format, url);
  if (problem !== undefined) throw new UsageError(`--url ${shownUrl(url.href)}: ${problem}`);
  const parsed = v.safeParse(alertTarget, {
    targetId,
    format: format ?? guessed!.format,
    url: url.href,
    ...(flags.token !== undefined && { token: flags.token }),
    allowPrivate: flags["allow-private"],
    pictures: !flags["no-pictures"],
  });
  if (!parsed.success)
    throw new UsageError(`--${String(parsed.issues[0].path?.[0]?.key)}: ${parsed.issues[0].message}`);
  return { target: parsed.output, ...(guessed && { why: guessed.why }) };
}

/** @throws UsageError */
function formatOf(text: string | undefined): TargetFormat | undefined {
  const format = TARGET_FORMATS.find((one) => one === text?.trim());
  if (text !== undefined && format === undefined)
    throw new UsageError(`--format is ${text}; expected ${TARGET_FORMATS.join(", ")}`);
  return format;
}

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
/** E.164, as SNS expects it (documented: SNS, mobile phone numbers). */
const PHONE = /^\+[1-9]\d{6,14}$/;

/** @throws UsageError */
function subscribersOf({ email, sms }: AddFlags): Subscriber[] {
  const wrongEmail = email.find((one) => !EMAIL.test(one));
  if (wrongEmail !== undefined)
    throw new UsageError(`--email is ${wrongEmail}; expected an address such as me@example.com`);
  const wrongPhone = sms.find((one) => !PHONE.test(one));
  if (wrongPhone !== undefined)
    throw new UsageError(
      `--sms is ${wrongPhone}; expected a number with its country code, e.g. +491701234567`,
    );
  return [
    ...email.map((endpoint) => ({ protocol: "email" as const, endpoint })),
    ...sms.map((endpoint) => ({ protocol: "sms" as const, endpoint })),
  ];
}

/**
 * Refuses a URL that the sender would refuse.
 * @throws UsageError with what to do
 */
async function checkDestination({ url, allowPrivate }: AlertTarget, console: Console): Promise<void> {
  const found = await destinationOf(url!, allowPrivate).catch(
    (error: unknown) => error as NodeJS.ErrnoException,
  );
  const shown = shownUrl(url!);
  if (found instanceof Error) {
    // This machine may lack what the sender has.
    console.note(
      console.style(
        "yellow",
        `warning: ${shown} could not be resolved from here (${found.code ?? found.name}); the sender resolves it when it sends`,
      ),
    );
  } else if ("blocked" in found)
    throw new UsageError(
      `--url ${shown}: ${found.blocked}` +
        (allowPrivate
          ? ""
          : "; give an address of the public Internet, or --allow-private for one on this machine or network"),
    );
}

export const alertTargetList = defineCommand({
  name: "alert target list",
  about: "List the targets",
  operands: [],
  flags: { ...STACK_FLAG, ...CLOUD_FLAGS },
  notes: `URLs are shown without their paths, which may be secret.

  npx doorstep alert target list

Needs cloudformation:DescribeStacks, dynamodb:Query, and for e-mail and SMS sns:ListSubscriptionsByTopic and GetSubscriptionAttributes.`,
  async run({ flags, console, clock }) {
    await withAlerts(flags, clock, async (alerts) => {
      const [targets, rules] = [await alerts.targets(), await alerts.rules()];
      const subscriptions = await subscriptionsOf(alerts, targets);
      const usedBy = ({ targetId }: AlertTarget) =>
        rules.filter((rule) => rule.targets.includes(targetId)).map(({ ruleId }) => ruleId);
      if (targets.length > 0)
        console.say(
          textTable(
            ["target", "format", "to", "rules", "enabled"],
            targets.map((target) => [
              target.targetId,
              target.format,
              placeText(target, subscriptions),
              usedBy(target).join(", ") || "none",
              target.disabled === undefined ? "yes" : `no: ${target.disabled}`,
            ]),
          ),
        );
      console.say(counted(targets.length, "target"));
      console.result({
        targets: targets.map((target) => ({ ...publicTarget(target), rules: usedBy(target) })),
      });
    });
  },
});

const subscriptionsOf = async (alerts: Alerts, targets: readonly AlertTarget[]) =>
  targets.some(({ format }) => format === "sns") ? await alerts.subscriptions.list() : [];

export const alertTargetShow = defineCommand({
  name: "alert target show",
  about: "Show a target, and which rules use it",
  operands: ["<target>"],
  flags: {
    secret: {
      type: "boolean",
      about: "also print its signing secret; anyone who has it can send messages as Doorstep",
    },
    ...STACK_FLAG,
    ...CLOUD_FLAGS,
  },
  notes: `  npx doorstep alert target show pager
  npx doorstep alert target show pager --secret

Needs the permissions of alert target list, and for the secret secretsmanager:GetSecretValue.`,
  async run({ flags, operands: [id], console, clock }) {
    await withAlerts(flags, clock, async (alerts) => {
      const target = await existingTarget(alerts, id!, flags.stack);
      if (flags.secret && target.format !== "standard")
        throw new UsageError(
          `messages of the format ${target.format} are not signed, so ${target.targetId} has no secret`,
        );
      const subscriptions = await subscriptionsOf(alerts, [target]);
      const rules = (await alerts.rules()).filter(({ targets }) => targets.includes(target.targetId));
      const names = rules.map(({ ruleId }) => ruleId);
      const secret = flags.secret ? await alerts.signingSecret(target) : undefined;
      console.say(console.style("bold", target.targetId));
      console.say(
        columns([...targetRows(target, subscriptions, clock.now()), ["rules", names.join(", ") || "none"]]),
      );
      if (secret !== undefined) for (const line of ["", ...secretLines(target, secret)]) console.say(line);
      console.result({
        target: publicTarget(target),
        rules: names,
        ...(target.format === "sns" && {
          subscriptions: subscriptions.filter(({ targetIds }) => targetIds?.includes(target.targetId)),
        }),
        ...(secret !== undefined && { secret }),
      });
    });
  },
});

export const alertTargetRemove = defineCommand({
  name: "alert target remove",
  about: "Remove a target, and its subscriptions by e-mail and SMS",
  operands: ["<target>"],
  flags: {
    force: { type: "boolean", about: "remove it although rules use it, and take it out of them" },
    ...STACK_FLAG,
    ...CLOUD_FLAGS,
  },
  notes: `Messages that wait to be sent to it go to the queue of unsent messages. SNS deletes subscriptions that were never confirmed
after 48 hours; they cannot be removed before.

  npx doorstep alert target remove pager

Needs cloudformation:DescribeStacks, dynamodb:Query, GetItem, PutItem and DeleteItem, and for e-mail and SMS
sns:ListSubscriptionsByTopic, GetSubscriptionAttributes, SetSubscriptionAttributes and Unsubscribe.`,
  async run({ flags, operands: [id], console, clock }) {
    await withAlerts(flags, clock, async (alerts) => {
      const target = await existingTarget(alerts, id!, flags.stack);
      const { targetId } = target;
      const usedBy = (await alerts.rules()).filter(({ targets }) => targets.includes(targetId));
      const names = usedBy.map(({ ruleId }) => ruleId);
      if (usedBy.length > 0 && !flags.force)
        throw new Error(
          `${targetId} was not removed: the rule${names.length > 1 ? "s" : ""} ${names.join(", ")} send alerts to it; ` +
            "change them with npx doorstep alert rule update --target, or use --force to take it out of them",
        );
      const unsubscribed = await alerts.removeTarget(target, usedBy);
      console.say(`${targetId}: removed${names.length > 0 ? `, also from ${names.join(", ")}` : ""}`);
      for (const { protocol, endpoint } of unsubscribed) console.say(`unsubscribed ${protocol} ${endpoint}`);
      const left = usedBy.filter(({ targets }) => targets.length === 1).map(({ ruleId }) => ruleId);
      if (left.length > 0)
        console.note(
          console.style(
            "yellow",
            `warning: ${left.join(", ")} has no target any more: its alerts are on the event bus only`,
          ),
        );
      console.result({
        target: publicTarget(target),
        outcome: "removed",
        rules: names,
        unsubscribed: unsubscribed.map(({ protocol, endpoint }) => ({ protocol, endpoint })),
      });
    });
  },
});

const MAX_OVERLAP_MS = 90 * DAY_MS;

export const alertTargetRotateSecret = defineCommand({
  name: "alert target rotate-secret",
  about: "Give a target a new signing secret; messages carry both signatures for a while",
  operands: ["<target>"],
  flags: {
    overlap: {
      type: "string",
      value: "<duration>",
      default: "24h",
      about:
        "how long messages are signed with the previous secret too, e.g. 15m, 24h, 7d; 0 for a leaked one",
    },
    force: { type: "boolean", about: "rotate although messages are still signed with the previous secret" },
    ...STACK_FLAG,
    ...CLOUD_FLAGS,
  },
  notes: `Within the overlap, a receiver accepts messages with the old secret and with the new one: give it the new one in that time.
Another rotation would lock out a receiver that does not have the new secret yet, so it is refused.

  npx doorstep alert target rotate-secret pager --overlap 7d
  npx doorstep alert target rotate-secret pager --overlap 0

Needs cloudformation:DescribeStacks, dynamodb:GetItem and PutItem, and secretsmanager:GetSecretValue.`,
  async run({ flags, operands: [id], console, clock }) {
    const overlapMs = readDuration("--overlap", flags.overlap);
    if (overlapMs > MAX_OVERLAP_MS)
      throw new UsageError(`--overlap is ${flags.overlap}; expected at most 90d`);
    await withAlerts(flags, clock, async (alerts) => {
      const before = await existingTarget(alerts, id!, flags.stack);
      const { targetId, format, secretVersion, previousSecretUntilMs } = before;
      if (format !== "standard")
        throw new UsageError(`messages of the format ${format} are not signed, so ${targetId} has no secret`);
      const nowMs = clock.now();
      if (
        overlapMs > 0 &&
        !flags.force &&
        previousSecretUntilMs !== undefined &&
        previousSecretUntilMs > nowMs
      )
        throw new Error(
          `${targetId}'s secret was rotated to version ${secretVersion}, and messages are signed with version ${secretVersion - 1} too until ${iso(previousSecretUntilMs)}; ` +
            `another rotation would end that at once. Use --force to rotate nevertheless, or npx doorstep alert target show ${targetId} --secret for the new one`,
        );
      const { previousSecretUntilMs: _, ...rotated } = withNewSecret(before, nowMs);
      const target: AlertTarget =
        overlapMs > 0 ? { ...rotated, previousSecretUntilMs: nowMs + overlapMs } : rotated;
      await alerts.putTarget(target);
      const secret = await alerts.signingSecret(target);
      console.say(`${targetId}: secret rotated`);
      console.say(columns(targetRows(target, [], nowMs)));
      for (const line of ["", ...secretLines(target, secret)]) console.say(line);
      console.result({ target: publicTarget(target), secret });
    });
  },
});
