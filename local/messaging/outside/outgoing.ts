import type { OutsideProtocol } from "./protocols.ts";

/** What an endpoint is sent. */
export interface Outgoing {
  readonly type: "Notification" | "SubscriptionConfirmation";
  readonly protocol: OutsideProtocol;
  readonly endpoint: string;
  readonly topicArn: string;
  readonly subscriptionArn: string;
  readonly messageId: string;
  /** The JSON document, which the dead-letter queue receives as well. */
  readonly document: string;
  /** What is posted or written. */
  readonly text: string;
  readonly isRaw?: boolean;
  /** Of an e-mail. */
  readonly subject?: string;
  /** Of an e-mail's sender. */
  readonly from?: string;
}
