import type { RekognitionClient } from "@aws-sdk/client-rekognition";
import { expect, test } from "@jest/globals";
import { TurnableClock } from "../../base/clock.ts";
import { trialOf, tryProcessor } from "../../operator/processor-trial.ts";

/** A client that nothing must call. */
const unused = {
  send: () => Promise.reject(new Error("Rekognition was called")),
} as unknown as RekognitionClient;

test("a processor whose stream holds no video, or cannot be listed, is not run", async () => {
  const clock = new TurnableClock();
  expect(await tryProcessor("porch", async () => undefined, unused, clock)).toEqual({
    outcome: "not-tried",
    reason: "its stream holds no video yet",
  });
  const denied = () => Promise.reject(new Error("ListFragments is denied"));
  expect(await tryProcessor("porch", denied, unused, clock)).toEqual({
    outcome: "not-tried",
    reason: "ListFragments is denied",
  });
});

test("a start that is refused is unclear: it says nothing about role and stream", async () => {
  const fragment = { number: "1", startMs: 0, durationMs: 2000, sizeBytes: 1 };
  expect(await tryProcessor("porch", async () => fragment, unused, new TurnableClock())).toEqual({
    outcome: "unclear",
    reason: "Rekognition was called",
  });
});

test.each([
  [undefined, "passed"],
  [{ status: "STOPPED", reason: undefined }, "passed"],
  [{ status: "FAILED", reason: undefined }, "unclear"],
  [{ status: "FAILED", reason: "Internal error" }, "unclear"],
  [{ status: "FAILED", reason: "Access denied to Role" }, "failed"],
  [{ status: "FAILED", reason: "Access denied to Kinesis Video" }, "failed"],
  [{ status: "FAILED", reason: "Stream front-door doesn't exist" }, "failed"],
])("a processor that is %j has %s", (state, outcome) => {
  expect(trialOf(state).outcome).toBe(outcome);
});
