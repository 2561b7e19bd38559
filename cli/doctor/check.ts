import type { StackOutputs } from "../../operator/stack.ts";
import type { ClientConfig } from "../cloud.ts";
import type { Finding } from "./finding.ts";

/** A resource of the stack. */
export interface StackResource {
  readonly logicalId: string;
  /** What its service calls it: a name, for queues and topics an address or ARN. */
  readonly physicalId: string;
  readonly type: string;
}

/** What the account is known to have; what comes with the stack is missing before it is deployed. */
export interface Account {
  readonly config: ClientConfig;
  readonly stackName: string;
  /** Undefined where neither flags, environment nor profile name one. */
  readonly region: string | undefined;
  readonly accountId: string | undefined;
  readonly outputs: StackOutputs | undefined;
  readonly resources: readonly StackResource[];
  /** How far back data is looked for. */
  readonly sinceMs: number;
  readonly nowMs: number;
}

/** An account with a stack. */
export type Deployed = Account & { readonly outputs: StackOutputs };

/** One heading of the list, and what is looked at under it. */
export interface Check {
  readonly name: string;
  /** Everything that it found; one that throws is told as wrong. */
  run(account: Account): Promise<readonly Finding[]>;
}

/** A check of what the stack has, passed over while there is none. */
export const deployedCheck = (
  name: string,
  run: (account: Deployed) => Promise<readonly Finding[]>,
): Check => ({
  name,
  run: async (account) => (account.outputs ? await run({ ...account, outputs: account.outputs }) : []),
});
