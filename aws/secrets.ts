import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { systemClock } from "../base/clock.ts";

/** How long a process goes by what it read: a secret that was replaced counts until then. */
export const SECRET_KEPT_MS = 300_000;

const defaultClient = new SecretsManagerClient({});
// By client: two accounts in one process may have a secret of the same ARN.
const keptByClient = new WeakMap<
  object,
  Map<string, { readonly value: Promise<string>; readonly untilMs: number }>
>();

/** A secret's text, read again after five minutes. A failed read is tried again at the next call. */
export function readSecret(arn: string, client = defaultClient): Promise<string> {
  const nowMs = systemClock.now();
  const kept = keptByClient.get(client) ?? new Map();
  keptByClient.set(client, kept);
  const known = kept.get(arn);
  if (known && nowMs < known.untilMs) return known.value;
  const value = client.send(new GetSecretValueCommand({ SecretId: arn })).then(({ SecretString }) => {
    if (!SecretString) throw new Error(`the secret ${arn} has no text value`);
    return SecretString;
  });
  kept.set(arn, { value, untilMs: nowMs + SECRET_KEPT_MS });
  value.catch(() => kept.delete(arn));
  return value;
}
