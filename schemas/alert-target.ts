import * as v from "valibot";
import { settingId } from "./alert-rule.ts";

/** What a target understands: docs/alerts.md describes each. */
export const TARGET_FORMATS = ["standard", "home-assistant", "ntfy", "slack", "sns"] as const;

export type TargetFormat = (typeof TARGET_FORMATS)[number];

/** Whom alerts reach. Its signing keys are derived (core/alerts/keys.ts), so the record holds none. */
export const alertTarget = v.strictObject({
  targetId: settingId,
  format: v.picklist(TARGET_FORMATS, `expected ${TARGET_FORMATS.join(", ")}`),
  /**
   * Where its messages are posted. It may contain a secret, such as Slack's and Home Assistant's do, so it is never logged and
   * shown without its path. Absent for `sns`, whose subscriptions are the stack's topic's.
   */
  url: v.optional(
    v.pipe(v.string(), v.url("expected a URL, e.g. https://example.com/hook"), v.maxLength(2048)),
  ),
  /** Bearer token of the target, e.g. of ntfy; never logged or shown. */
  token: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(512))),
  /** Whether it may be at a private address and without TLS, e.g. on this machine. */
  allowPrivate: v.optional(v.boolean(), false),
  /** Whether messages have links to pictures. */
  pictures: v.optional(v.boolean(), true),
  /** Version of its signing secret. */
  secretVersion: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 1),
  /** Until when messages are signed with the version before as well, epoch milliseconds. */
  previousSecretUntilMs: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  /** Why nothing is sent to it any more; it is, if absent. */
  disabled: v.optional(v.string()),
});

export type AlertTarget = v.InferOutput<typeof alertTarget>;
