/** A webhook to be posted. */
export interface WebhookMessage {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What became of an attempt. Reasons name neither the URL nor anything that the receiver said. */
export type WebhookOutcome =
  | { readonly kind: "accepted"; readonly status: number }
  /** It may be accepted later. */
  | {
      readonly kind: "refused";
      readonly status?: number;
      /** The header as received. */
      readonly retryAfter?: string | undefined;
      readonly reason: string;
    }
  /** The receiver wants no more of them (410). */
  | { readonly kind: "gone"; readonly status: number; readonly reason: string }
  /** It was not sent: its address is not one to send to. */
  | { readonly kind: "blocked"; readonly reason: string };
