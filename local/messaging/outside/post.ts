import type { Clock } from "../../../base/clock.ts";
import type { Outgoing } from "./outgoing.ts";

/** Unconfirmed. */
const TIMEOUT_MS = 15_000;

/**
 * Posts to an HTTP endpoint with SNS's headers (documented: SNS guide, "HTTP/HTTPS headers" and "raw message delivery").
 * @returns the status; a redirect is not followed
 * @throws Error when there is no response
 */
export async function post(
  { endpoint, type, messageId, topicArn, subscriptionArn, isRaw = false, text }: Outgoing,
  clock: Clock,
  signal: AbortSignal,
): Promise<number> {
  const giveUp = new AbortController();
  const timer = clock.after(TIMEOUT_MS, () =>
    giveUp.abort(new Error(`${endpoint} did not respond within ${TIMEOUT_MS / 1000} s`)),
  );
  try {
    const response = await fetch(endpoint, {
      method: "POST",
      redirect: "manual",
      signal: AbortSignal.any([signal, giveUp.signal]),
      headers: {
        "x-amz-sns-message-type": type,
        "x-amz-sns-message-id": messageId,
        "x-amz-sns-topic-arn": topicArn,
        ...(type === "Notification" && { "x-amz-sns-subscription-arn": subscriptionArn }),
        ...(isRaw && { "x-amz-sns-rawdelivery": "true" }),
        "content-type": "text/plain; charset=UTF-8",
        "user-agent": "Amazon Simple Notification Service Agent",
      },
      body: text,
    });
    await response.body?.cancel();
    return response.status;
  } finally {
    timer.cancel();
  }
}
