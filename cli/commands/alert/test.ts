import { SEVERITIES } from "../../../schemas/severity.ts";
import { existingTarget, placeText, withAlerts } from "../../alert/registry.ts";
import { checkCameraId, CLOUD_FLAGS, STACK_FLAG } from "../../cloud.ts";
import { defineCommand, UsageError } from "../../command.ts";
import { readDuration } from "../../text.ts";

const FLAGS = {
  camera: {
    type: "string",
    value: "<id>",
    default: "test",
    about: "id of the camera that the message names",
  },
  severity: {
    type: "string",
    value: SEVERITIES.join("|"),
    default: "warning",
    about: "severity that the message has",
  },
  wait: {
    type: "string",
    value: "<duration>",
    default: "30s",
    about: "how long to wait for the outcome; 0 only puts the message into the queue",
  },
  ...STACK_FLAG,
  ...CLOUD_FLAGS,
} as const;

export const alertTest = defineCommand({
  name: "alert test",
  about: "Send a test message to a target, and wait until it is accepted or refused",
  operands: ["<target>"],
  flags: FLAGS,
  notes: `The message goes the way of every alert: through the queue of deliveries to the function that sends. A refused one is sent
again for a day, as an alert is. The exit code is 1 if it is refused, or if nothing is known within --wait.

  npx doorstep alert test phone
  npx doorstep alert test pager --severity critical --wait 1m

Needs cloudformation:DescribeStacks, dynamodb:GetItem, sqs:SendMessage, and for e-mail and SMS sns:ListSubscriptionsByTopic
and GetSubscriptionAttributes.`,
  async run({ flags, operands: [id], console, signal, clock }) {
    const severity = SEVERITIES.find((one) => one === flags.severity);
    if (!severity) throw new UsageError(`--severity is ${flags.severity}; expected ${SEVERITIES.join(", ")}`);
    const withinMs = readDuration("--wait", flags.wait);
    const cameraId = checkCameraId("--camera", flags.camera);
    await withAlerts(flags, clock, async (alerts) => {
      const target = await existingTarget(alerts, id!, flags.stack);
      const { targetId, format, disabled } = target;
      if (disabled !== undefined)
        throw new Error(
          `${targetId} is disabled: ${disabled}; npx doorstep alert target enable ${targetId} enables it`,
        );
      const subscriptions = format === "sns" ? await alerts.subscriptions.list() : [];
      const place = placeText(target, subscriptions);
      if (format === "sns" && !subscriptions.some(({ targetIds }) => targetIds?.includes(targetId)))
        throw new Error(
          `${targetId} has no confirmed subscription, so nobody would get the message; open the link in the message that SNS sent to each address`,
        );
      console.progress(`${targetId}: waiting for the outcome`);
      const { eventId, test } = await alerts.sendTest(target, { cameraId, severity }, { withinMs, signal });
      const result = { targetId, eventId, ...(test && { outcome: test.outcome, reason: test.reason }) };
      if (!test && withinMs === 0) {
        console.say(`${targetId}: the test message is in the queue`);
        return console.result(result);
      }
      if (!test)
        throw new TestFailed(
          `nothing is known of the test message within ${flags.wait}; npx doorstep doctor checks the function and the queues`,
          result,
        );
      if (test.outcome !== "accepted")
        throw new TestFailed(
          `${place} did not accept the test message: ${test.reason ?? "no reason is known"}` +
            (test.outcome === "failed" ? "; it is sent again later" : "; it is not sent again"),
          result,
        );
      console.say(
        format === "sns"
          ? `${targetId}: SNS accepted the test message for ${place}`
          : `${targetId}: ${place} accepted the test message`,
      );
      console.result(result);
    });
  },
});

/** A test message that was not accepted. */
class TestFailed extends Error {
  override readonly name = "TestFailed";
  readonly summary: unknown;

  constructor(message: string, summary: unknown) {
    super(message);
    this.summary = summary;
  }
}
