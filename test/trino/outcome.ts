/** The outcome of a statement in an engine, in the terms of Athena's API. */
export type Outcome = Result | Refusal;

interface Result {
  readonly columns: readonly string[];
  /** Athena's names of the columns' types; a decimal's with precision and scale. */
  readonly types: readonly string[];
  /** Values as Athena prints them, null for NULL. */
  readonly rows: readonly (readonly (string | null)[])[];
}

export interface Refusal {
  /** Trino's name of the error, e.g. `TYPE_MISMATCH`. */
  readonly error: string;
  readonly message: string;
}
