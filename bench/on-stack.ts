import { ensurePackage } from "../demo/package-service.ts";
import { startStack, type TestStack } from "../test/local/stack.ts";

/** Packages the service, boots the whole local cloud from it, measures there, and stops it. */
export async function onStack<T>(
  measure: (stack: TestStack) => Promise<T>,
  ...options: Parameters<typeof startStack>
): Promise<T> {
  const packaged = await ensurePackage();
  const stack = await startStack(...options);
  packaged.release();
  try {
    return await measure(stack);
  } finally {
    await stack.stop();
  }
}
