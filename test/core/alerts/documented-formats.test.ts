import { expect, test } from "@jest/globals";
import * as v from "valibot";
import { ntfy } from "../../../core/alerts/messages/ntfy.ts";
import { slack } from "../../../core/alerts/messages/slack.ts";
import { SEVERITIES } from "../../../schemas/severity.ts";
import { deliveryOf, targetOf } from "./samples.ts";

const url = v.pipe(v.string(), v.url());

/** ntfy's documentation, "Publish as JSON", "Action buttons" and "Updating notifications". */
const ntfyMessage = v.strictObject({
  topic: v.pipe(v.string(), v.regex(/^[-_A-Za-z0-9]{1,64}$/)),
  title: v.string(),
  message: v.pipe(v.string(), v.maxLength(4096)),
  priority: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(5)),
  tags: v.array(v.string()),
  sequence_id: v.pipe(v.string(), v.regex(/^[-_A-Za-z0-9]{1,64}$/)),
  click: v.optional(url),
  attach: v.optional(url),
  filename: v.optional(v.string()),
  actions: v.optional(
    v.pipe(
      v.array(
        v.strictObject({
          action: v.literal("http"),
          label: v.string(),
          url,
          method: v.literal("POST"),
          clear: v.boolean(),
        }),
      ),
      v.maxLength(3),
    ),
  ),
});

/** Slack's documentation, "Incoming webhooks", and the blocks "section" and "image" with their limits. */
const slackMessage = v.strictObject({
  text: v.string(),
  blocks: v.pipe(
    v.array(
      v.variant("type", [
        v.strictObject({
          type: v.literal("section"),
          text: v.strictObject({
            type: v.literal("mrkdwn"),
            text: v.pipe(v.string(), v.minLength(1), v.maxLength(3000)),
          }),
        }),
        v.strictObject({
          type: v.literal("image"),
          image_url: v.pipe(url, v.maxLength(3000)),
          alt_text: v.pipe(v.string(), v.maxLength(2000)),
        }),
      ]),
    ),
    v.maxLength(50),
  ),
});

const token = "x".repeat(400);
const LINKS = {
  frame: `https://api.example/media/${token}`,
  crop: `https://api.example/media/${token}`,
  snooze: `https://api.example/snooze/${token}`,
};
const LONGEST_ID = "c".repeat(63);

test.each(
  SEVERITIES.flatMap((severity) =>
    [true, false].flatMap((silent) => [{}, LINKS].map((links) => ({ severity, silent, links }))),
  ),
)(
  "messages to ntfy and Slack have the documented fields within their limits: %j",
  ({ severity, silent, links }) => {
    const detail = {
      severity,
      silent,
      cameraId: LONGEST_ID,
      alertId: `${LONGEST_ID}-1796047320000`,
      labels: Array.from({ length: 20 }, (_, index) => ({
        name: `LABEL_${index}`,
        confidence: index === 0 ? null : 97.4,
        detectedAt: "2026-11-30T14:02:03.500Z",
      })),
    };
    const delivery = deliveryOf({}, detail);
    const persons = Array.from({ length: 20 }, (_, index) => ({
      person: `person-${String(index).padStart(20, "0")}`,
      name: "n".repeat(100),
    }));
    const toNtfy = ntfy({
      delivery,
      links,
      persons,
      target: targetOf({ format: "ntfy", url: "https://ntfy.sh/my-door" }),
    });
    expect(toNtfy.url).toBe("https://ntfy.sh/");
    v.parse(ntfyMessage, JSON.parse(toNtfy.body));
    const hook = "https://hooks.slack.com/services/example";
    v.parse(
      slackMessage,
      JSON.parse(slack({ delivery, links, persons, target: targetOf({ format: "slack", url: hook }) }).body),
    );
  },
);
