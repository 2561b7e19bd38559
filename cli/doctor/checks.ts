import { camerasCheck } from "./cameras.ts";
import type { Check } from "./check.ts";
import { dataCheck } from "./data.ts";
import { errorsCheck, queuesCheck } from "./leftovers.ts";
import { roleCheck } from "./role.ts";
import { streamingCheck } from "./streaming.ts";
import { topicCheck } from "./topic.ts";

/** Everything that doctor looks at behind account and stack, in the order of the way of the data. */
export const checks: readonly Check[] = [
  streamingCheck,
  roleCheck,
  camerasCheck,
  topicCheck,
  dataCheck,
  queuesCheck,
  errorsCheck,
];
