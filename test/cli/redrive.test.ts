import { expect, test } from "@jest/globals";
import { doorstep } from "./process.ts";

test.each([
  [["--from", "detection-error"], "--from is detection-error; did you mean detection-errors"],
  [["--from", "raw"], "--from raw needs --since"],
  [["--since", "1h"], "--since and --until need --from raw"],
  [["--from", "raw", "--since", "1h", "--until", "2h"], "--since must be before --until"],
])("%j is refused as wrong arguments", async (args, reason) => {
  const { exitCode, stderr } = await doorstep(["redrive", ...args]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(reason);
});
