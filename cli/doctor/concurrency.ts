import { GetAccountSettingsCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { Check } from "./check.ts";
import { failed, ok, unknown, type Finding } from "./finding.ts";

/** Fewer leave too little for five batches of wake-ups, eight of samples, the transform, the schedule and the motion API at a time. */
const ENOUGH_EXECUTIONS = 100;

/** Whether the account may run enough functions at a time. */
export const concurrencyCheck: Check = {
  name: "functions",
  run: async ({ config }) => {
    const client = new LambdaClient(config);
    try {
      const { AccountLimit } = await client.send(new GetAccountSettingsCommand({}));
      return concurrencyFindings(AccountLimit ?? {});
    } catch (error) {
      return [failed("Lambda's account settings", error, "lambda:GetAccountSettings")];
    } finally {
      client.destroy();
    }
  },
};

/** The finding of the account's limits. New accounts have 10 executions instead of 1,000 (observed by third parties). */
export function concurrencyFindings({
  ConcurrentExecutions: all,
  UnreservedConcurrentExecutions: free = all,
}: {
  readonly ConcurrentExecutions?: number | undefined;
  readonly UnreservedConcurrentExecutions?: number | undefined;
}): Finding[] {
  if (all === undefined || free === undefined) return [unknown("Lambda did not return the account's limits")];
  const what = `${free} of the ${all} functions that the account runs at a time in this Region are not reserved`;
  return free >= ENOUGH_EXECUTIONS
    ? [ok(what)]
    : [
        unknown(
          `${what}: when cameras or strangers use them up, requests get 503, and sessions and rows are late`,
          `request ${ENOUGH_EXECUTIONS} or more in the Service Quotas console: AWS Lambda, "Concurrent executions"`,
        ),
      ];
}
