import type { Stack } from "../template/template.ts";

export interface CloudFormationState {
  /** The stack, once it is created. */
  readonly stack: () => Stack | undefined;
  readonly startedAtMs: number;
}
