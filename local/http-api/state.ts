import type { Cloud } from "../cloud.ts";
import { Throttling } from "./throttling.ts";

interface Integration {
  readonly functionArn: string;
  readonly timeoutMs: number;
}

export interface HttpApiState {
  /** By id. */
  readonly integrations: Map<string, Integration>;
  /** Ids of integrations by route key. */
  readonly routes: Map<string, string>;
  readonly throttling: Throttling;
  /** Whether every resource of the stack exists. */
  isReady: boolean;
}

export const openState = (cloud: Cloud): HttpApiState => ({
  integrations: new Map(),
  routes: new Map(),
  throttling: new Throttling(cloud.clock),
  isReady: false,
});
