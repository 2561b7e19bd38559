import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { readSecret } from "../../aws/secrets.ts";

/** A secret that is another one each time it is read. */
function changingSecret() {
  let reads = 0;
  const send = async () => await Promise.resolve({ SecretString: `secret-${++reads}` });
  return { send } as unknown as SecretsManagerClient;
}

beforeEach(() => void jest.useFakeTimers({ now: 0 }));
afterEach(() => void jest.useRealTimers());

test("a secret is kept for five minutes, then read again", async () => {
  const client = changingSecret();
  expect(await readSecret("arn:kept", client)).toBe("secret-1");
  jest.setSystemTime(299_999);
  expect(await readSecret("arn:kept", client)).toBe("secret-1");
  jest.setSystemTime(300_000);
  expect(await readSecret("arn:kept", client)).toBe("secret-2");
});

test("a read that fails is not kept", async () => {
  const failing = {
    send: async () => await Promise.reject(new Error("no answer")),
  } as unknown as SecretsManagerClient;
  await expect(readSecret("arn:failing", failing)).rejects.toThrow("no answer");
  expect(await readSecret("arn:failing", changingSecret())).toBe("secret-1");
});
