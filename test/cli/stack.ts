import { afterAll, beforeAll } from "@jest/globals";
import { startStack, type TestStack } from "../local/stack.ts";
import { useCloud } from "./cloud.ts";

/**
 * Runs the tests of a file with a whole local cloud, which commands reach by the environment and wait on by its clock.
 * @param onStart gets the cloud before the first test
 */
export function useStack(
  onStart: (stack: TestStack) => Promise<void> | void,
  clipFolders: readonly string[] = [],
): void {
  let stack: TestStack;
  let restore: () => void;
  beforeAll(async () => {
    stack = await startStack(clipFolders);
    restore = useCloud(stack.config.endpoint, stack.clock);
    await onStart(stack);
  });
  afterAll(async () => {
    restore();
    await stack.stop();
  });
}
