import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { expect, test } from "@jest/globals";
import { readSecret } from "../../aws/secrets.ts";
import { TurnableClock } from "../../base/clock.ts";

/** A secret with another value at each read. */
function changingSecret() {
  let reads = 0;
  const send = async () => await Promise.resolve({ SecretString: `secret-${++reads}` });
  return { send } as unknown as SecretsManagerClient;
}

test("a secret is cached for five minutes, then read again", async () => {
  const client = changingSecret();
  const clock = new TurnableClock(0);
  expect(await readSecret("arn:cached", client, clock)).toBe("secret-1");
  clock.turn(299_999);
  expect(await readSecret("arn:cached", client, clock)).toBe("secret-1");
  clock.turn(1);
  expect(await readSecret("arn:cached", client, clock)).toBe("secret-2");
});

test("a read that fails is not cached", async () => {
  const failing = {
    send: async () => await Promise.reject(new Error("no response")),
  } as unknown as SecretsManagerClient;
  await expect(readSecret("arn:failing", failing)).rejects.toThrow("no response");
  expect(await readSecret("arn:failing", Object.assign(failing, changingSecret()))).toBe("secret-1");
});

test("a secret is cached for its client alone", async () => {
  const [one, other] = [changingSecret(), changingSecret()];
  await readSecret("arn:shared", one);
  expect(await readSecret("arn:shared", other)).toBe("secret-1");
  expect(await readSecret("arn:shared", one)).toBe("secret-1");
});
