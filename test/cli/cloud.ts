import { systemClock, type Clock, type TurnableClock } from "../../base/clock.ts";

/** How much faster time passes in a command's waits. */
const FASTER = 10;

/**
 * The local cloud's clock, for a command that uses that cloud: a wait takes a fraction of its time, and then turns the
 * clock, so that the command and the cloud agree on how much time has passed.
 */
const fastClock = (clock: TurnableClock): Clock => ({
  get offsetMs() {
    return clock.offsetMs;
  },
  now: () => clock.now(),
  after: (delayMs, run) => {
    const dueMs = Math.ceil(clock.now() + delayMs);
    return systemClock.after(delayMs / FASTER, () => {
      clock.turn(Math.max(0, dueMs - clock.now()));
      run();
    });
  },
});

let commandClock: Clock = systemClock;

/** The clock of commands. */
export const clockOfCommands = (): Clock => commandClock;

/**
 * Points the SDK at the local cloud, as an operator's shell would. Returns a function that restores the environment.
 * @param clock the local cloud's; commands then wait on it, at ten times the speed
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
  if (clock) commandClock = fastClock(clock);
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
