import * as v from "valibot";

/** From the least to the most urgent. */
export const SEVERITIES = ["info", "warning", "critical"] as const;

export const severity = v.picklist(SEVERITIES, `expected ${SEVERITIES.join(", ")}`);

export type Severity = (typeof SEVERITIES)[number];
