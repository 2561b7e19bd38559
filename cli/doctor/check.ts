import type { ClientConfig } from "../../operator/client-config.ts";
import type { StackOutputs } from "../../operator/stack.ts";
import type { Finding } from "./finding.ts";

/** A resource of the stack. */
export interface StackResource {
  readonly logicalId: string;
  /** The id that its service uses: a name; for queues a URL, for topics an ARN. */
  readonly physicalId: string;
  readonly type: string;
}

/** What doctor knows about the account; the outputs and resources are missing before the stack is deployed. */
export interface Account {
  readonly config: ClientConfig;
  readonly stackName: string;
  /** Undefined where neither flags, environment nor profile set one. */
  readonly region: string | undefined;
  readonly accountId: string | undefined;
  readonly outputs: StackOutputs | undefined;
  readonly resources: readonly StackResource[];
  /** The start of the interval whose metrics are read. */
  readonly sinceMs: number;
  readonly nowMs: number;
}

/** An account with a stack. */
export type Deployed = Account & { readonly outputs: StackOutputs };

/** One section of the output. */
export interface Check {
  readonly name: string;
  /** An error that it throws becomes a finding. */
  run(account: Account): Promise<readonly Finding[]>;
}

/** A check of the deployed stack, skipped while there is none. */
export const deployedCheck = (
  name: string,
  run: (account: Deployed) => Promise<readonly Finding[]>,
): Check => ({
  name,
  run: async (account) => (account.outputs ? await run({ ...account, outputs: account.outputs }) : []),
});
