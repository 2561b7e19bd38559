/** What came of asking an engine for a session. */
export type StartAnswer =
  | { readonly kind: "started"; readonly sessionId: string }
  /** The account's rate or its number of running processors is used up. */
  | { readonly kind: "throttled" }
  /** The processor has not finished its last run. */
  | { readonly kind: "processor-busy" }
  | { readonly kind: "refused"; readonly reason: string };

/** How a processor was found. */
export type Finding =
  | { readonly kind: "at-work" }
  | { readonly kind: "stopped" }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "not-found" };
