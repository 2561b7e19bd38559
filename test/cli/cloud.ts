import { systemClock, type Clock, type TurnableClock } from "../../base/clock.ts";
import { turningClock } from "../support/turning-clock.ts";

let commandClock: Clock = systemClock;

/** The clock of commands. */
export const clockOfCommands = (): Clock => commandClock;

/**
 * Points the SDK at the local cloud, as an operator's shell would. Returns a function that restores the environment.
 * @param clock the local cloud's; commands then turn it instead of waiting
 */
export function useCloud(endpoint: string, clock?: TurnableClock): () => void {
  const before = process.env;
  process.env = {
    ...before,
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "owner",
    AWS_SECRET_ACCESS_KEY: "owner",
  };
  if (clock) commandClock = turningClock(clock);
  return () => {
    process.env = before;
    commandClock = systemClock;
  };
}

/** A Kinesis video stream that keeps video for a day, as a resource of a template. */
export const keptStream = (name: string) => ({
  Type: "AWS::KinesisVideo::Stream",
  Properties: { Name: name, DataRetentionInHours: 24 },
});
