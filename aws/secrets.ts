import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { systemClock, type Clock } from "../base/clock.ts";
import { MINUTE_MS } from "../base/durations.ts";

/** How long a process uses what it read: a secret that was replaced is valid until then. */
const CACHE_MS = 5 * MINUTE_MS;

const defaultClient = /* @__PURE__ */ new SecretsManagerClient({});
type Cache = Map<string, { readonly value: Promise<string>; readonly untilMs: number }>;
/** By client: another client may be of another account, with other secrets by the same name. */
const caches = new WeakMap<SecretsManagerClient, Cache>();

/**
 * A secret's text, cached for five minutes. A failed read is not cached.
 * @throws the client's error, or Error if the secret has no text
 */
export function readSecret(arn: string, client = defaultClient, clock: Clock = systemClock): Promise<string> {
  const nowMs = clock.now();
  const cache: Cache = caches.get(client) ?? new Map();
  caches.set(client, cache);
  const cached = cache.get(arn);
  if (cached && nowMs < cached.untilMs) return cached.value;
  const value = client.send(new GetSecretValueCommand({ SecretId: arn })).then(({ SecretString }) => {
    if (!SecretString) throw new Error(`the secret ${arn} has no text value`);
    return SecretString;
  });
  cache.set(arn, { value, untilMs: nowMs + CACHE_MS });
  value.catch(() => cache.delete(arn));
  return value;
}
