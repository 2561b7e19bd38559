import type { Random } from "../../base/random.ts";

/** What each fault refuses, to every role: `<action> <end of the resource>`. */
const FAULTS: readonly (readonly string[])[] = [
  ["firehose:PutRecordBatch /doorstep-dev-detections", "firehose:PutRecord /doorstep-dev-detections"],
  ["firehose:PutRecordBatch /doorstep-dev-sessions", "firehose:PutRecord /doorstep-dev-sessions"],
  ["firehose:PutRecordBatch /doorstep-dev-alerts", "firehose:PutRecord /doorstep-dev-alerts"],
  ["lambda:InvokeFunction :doorstep-dev-transform", "lambda:InvokeFunction :doorstep-dev-transform:$LATEST"],
  ["lambda:InvokeFunction :doorstep-dev-closeSession"],
  ["s3:PutObject"],
  ["events:PutEvents"],
  ["dynamodb:PutItem"],
];
/** Of its part of the events, while a fault lasts. */
const FAULT_SHARE = 0.3;

/** A kill, or a change of what is refused. */
export interface Step {
  /** The share of the events that is acknowledged then. */
  readonly at: number;
  readonly delayMs: number;
  /** The calls that are refused from now on; absent for a kill. */
  readonly refused?: readonly string[];
}

/** Kills and faults in the order in which they come; the same for the same random numbers. Each fault ends. */
export function stepsOf({ kills, faults }: { kills: number; faults: number }, random: Random): Step[] {
  const steps: Step[] = Array.from({ length: kills }, (_, index) => ({
    at: (index + random()) / (kills + 0.5),
    delayMs: random() * 300,
  }));
  for (let index = 0; index < faults; index++) {
    const fromShare = random() * (1 - FAULT_SHARE);
    const refused = FAULTS[(index + Math.floor(random() * 2)) % FAULTS.length]!;
    steps.push({ at: (index + fromShare) / faults, delayMs: 0, refused });
    steps.push({ at: (index + fromShare + FAULT_SHARE) / faults, delayMs: 0, refused: [] });
  }
  return steps.toSorted((one, other) => one.at - other.at);
}
