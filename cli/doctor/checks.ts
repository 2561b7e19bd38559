import { alertsCheck } from "./alerts.ts";
import { camerasCheck } from "./cameras.ts";
import type { Check } from "./check.ts";
import { concurrencyCheck } from "./concurrency.ts";
import { dataCheck } from "./data.ts";
import { facesCheck } from "./faces.ts";
import { errorsCheck, queuesCheck } from "./leftovers.ts";
import { roleCheck } from "./role.ts";
import { enginesCheck } from "./engines.ts";
import { topicCheck } from "./topic.ts";

/** The checks after account and stack, in the order in which data flows. */
export const checks: readonly Check[] = [
  enginesCheck,
  concurrencyCheck,
  roleCheck,
  camerasCheck,
  topicCheck,
  dataCheck,
  facesCheck,
  alertsCheck,
  queuesCheck,
  errorsCheck,
];
