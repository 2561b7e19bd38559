import { systemClock, type Clock, type TurnableClock } from "../../base/clock.ts";
import { fastClock } from "../support/fast-clock.ts";

let commandClock: Clock = systemClock;

/** The clock of commands. */
export const clockOfCommands = (): Clock => commandClock;

/**
 * Points the SDK at the local cloud, as an operator's shell would. Returns a function that restores the environment.
 * @param clock the local cloud's; commands then wait on it
 * @param faster how much faster than in real time
 */
export function useCloud(endpoint: string, clock?: TurnableClock, faster = 10): () => void {
  const before = process.env;
  process.env = {
    ...before,
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "owner",
    AWS_SECRET_ACCESS_KEY: "owner",
  };
  if (clock) commandClock = fastClock(clock, faster);
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
