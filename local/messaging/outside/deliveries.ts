import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MINUTE_MS } from "../../../base/durations.ts";
import { errorMessage } from "../../../base/errors.ts";
import { randomId } from "../../../base/random.ts";
import type { Cloud } from "../../cloud.ts";
import { RetryQueue, type Attempt, type QueuedItem } from "../../retry-queue.ts";
import { sendToDeadLetterQueue } from "../dead-letters.ts";
import type { Outgoing } from "./outgoing.ts";
import { isHttp } from "./protocols.ts";
import { mailFile } from "./mail.ts";
import { post } from "./post.ts";

/** Documented (SNS guide, message delivery retries): by default three retries, 20 s apart; the jitter is left out. */
const RETRIES = { maxRetries: 3, retryAfterMs: 20_000 };
/** The hard limit of an HTTP endpoint's retries (documented: the same page). */
const MAX_AGE_MS = 60 * MINUTE_MS;
/** For the user alone: confirmations hold tokens, and alerts have links to pictures. */
const FILE_MODE = 0o600;

/** What deliveries need to know of a subscription. */
interface Subscriptions {
  has(subscriptionArn: string): boolean;
  /** The ARN of its dead-letter queue. */
  deadLetterQueueOf(subscriptionArn: string): string | undefined;
}

/**
 * Sends to endpoints outside of AWS: an HTTP endpoint of this machine gets a POST, e-mails and SMS become files in the
 * data folder. A restart repeats what was not sent.
 */
export class OutsideDeliveries {
  readonly #cloud: Cloud;
  readonly #queue: RetryQueue<Outgoing>;
  readonly #subscriptions: Subscriptions;
  readonly #stopping = new AbortController();
  readonly #started = Promise.withResolvers<void>();

  constructor(cloud: Cloud, subscriptions: Subscriptions) {
    this.#cloud = cloud;
    this.#subscriptions = subscriptions;
    this.#queue = new RetryQueue<Outgoing>(cloud, {
      name: "messaging/outside-deliveries",
      target: ({ subscriptionArn }) => subscriptionArn,
      limits: () => ({ maxRetries: RETRIES.maxRetries, maxAgeMs: MAX_AGE_MS }),
      attempt: (queued) => this.#attempt(queued),
      onEnd: async ({ item }, _reason, error) => {
        this.#emit("delivery-failed", item, { error: errorMessage(error) });
        const arn = subscriptions.deadLetterQueueOf(item.subscriptionArn);
        if (item.type === "Notification" && arn !== undefined)
          await sendToDeadLetterQueue(cloud, item.topicArn, arn, item.document).catch((failure: unknown) =>
            this.#emit("dead-letter-refused", item, {
              deadLetterQueueArn: arn,
              error: errorMessage(failure),
            }),
          );
      },
    });
    this.#queue.resume();
  }

  add(outgoing: Outgoing): void {
    this.#queue.add(randomId(), outgoing);
  }

  /** Lets deliveries begin, those that were added before as well. */
  start(): void {
    this.#started.resolve();
  }

  async stop(): Promise<void> {
    this.#queue.stop();
    this.#stopping.abort();
    this.#started.resolve();
    await this.#queue.settled();
  }

  async #attempt({ item }: QueuedItem<Outgoing>): Promise<Attempt<unknown>> {
    const sent = item.type === "Notification" ? "delivered" : "confirmation-sent";
    await this.#started.promise;
    if (!this.#subscriptions.has(item.subscriptionArn)) return { kind: "done" };
    try {
      this.#stopping.signal.throwIfAborted();
      if (!isHttp(item.protocol)) {
        this.#emit(sent, item, { file: this.#write(item) });
        return { kind: "done" };
      }
      const status = await post(item, this.#cloud.clock, this.#stopping.signal);
      if (status >= 200 && status < 300) {
        this.#emit(sent, item, { status });
        return { kind: "done" };
      }
      const error = new Error(`${item.endpoint} responded with ${status}`);
      // Client errors are not retried (documented: SNS dead-letter queues); unconfirmed: except 429, and redirects as well.
      const isRetried = status >= 500 || status === 429;
      return isRetried
        ? { kind: "failed", error, retryAfterMs: RETRIES.retryAfterMs }
        : { kind: "refused", error };
    } catch (error) {
      return { kind: "failed", error, retryAfterMs: RETRIES.retryAfterMs };
    }
  }

  /** @returns the file, which is whole or absent at any time */
  #write({ protocol, endpoint, messageId, text, subject = "", from = "" }: Outgoing): string {
    const isSms = protocol === "sms";
    const folder = join(this.#cloud.dataFolder, isSms ? "sms" : "mail");
    const atMs = this.#cloud.clock.now();
    const stamp = new Date(atMs).toISOString().replaceAll(/[-:.]/g, "");
    const file = join(folder, `${stamp}-${randomId().slice(0, 8)}${isSms ? ".txt" : ".eml"}`);
    const content = isSms
      ? `To: ${endpoint}\n\n${text}\n`
      : mailFile({ to: endpoint, from, subject, messageId, atMs, text });
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${file}.new`, content, { mode: FILE_MODE });
    renameSync(`${file}.new`, file);
    return file;
  }

  #emit(name: string, { topicArn, endpoint }: Outgoing, detail: Record<string, unknown>): void {
    this.#cloud.events.emit("sns", name, { topicArn, to: endpoint, ...detail });
  }
}
