import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import type { LambdaState } from "../state.ts";

/** Default quotas (documented: Lambda guide, "Lambda quotas"). The concurrency is not enforced here. */
const LIMITS = {
  CodeSizeUnzipped: 262_144_000,
  CodeSizeZipped: 52_428_800,
  ConcurrentExecutions: 1000,
  TotalCodeSize: 80_530_636_800,
} as const;

export const getAccountSettings: Action<LambdaState, unknown, unknown> = {
  input: v.unknown(),
  resources: () => "*",
  run: (_input, { state }) => {
    const functions = [...state.functions.values()];
    const reserved = functions.reduce((sum, { config }) => sum + (config.reservedConcurrency ?? 0), 0);
    return {
      AccountLimit: {
        ...LIMITS,
        UnreservedConcurrentExecutions: LIMITS.ConcurrentExecutions - reserved,
      },
      // The size of the code is not known here.
      AccountUsage: { FunctionCount: functions.length, TotalCodeSize: 0 },
    };
  },
};
