import { DAY_MS } from "../../base/durations.ts";
import type { AlertTarget } from "../../schemas/alert-target.ts";
import { formatSecret, keyFor } from "../webhook.ts";

type Signed = Pick<AlertTarget, "targetId" | "secretVersion" | "previousSecretUntilMs">;

/** How long a rotated secret stays valid. */
const ROTATION_MS = DAY_MS;

const targetKey = (secret: string, targetId: string, version: number): Buffer =>
  keyFor(secret, `doorstep alert target ${targetId} ${version}`);

/**
 * The keys that sign a target's messages: of its secret's version, and of the one before while that is still valid. They are
 * derived from the stack's secret, so nothing is stored per target.
 */
export function signingKeys(
  secret: string,
  { targetId, secretVersion, previousSecretUntilMs = 0 }: Signed,
  nowMs: number,
): Buffer[] {
  const key = targetKey(secret, targetId, secretVersion);
  if (secretVersion === 1 || nowMs >= previousSecretUntilMs) return [key];
  return [key, targetKey(secret, targetId, secretVersion - 1)];
}

/** A target's secret as its receiver is configured with it: `whsec_<base64>`. */
export const targetSecret = (
  secret: string,
  { targetId, secretVersion }: Pick<Signed, "targetId" | "secretVersion">,
): string => formatSecret(targetKey(secret, targetId, secretVersion));

/** The target with a new secret, while messages are signed with the one before as well. */
export const withNewSecret = (target: AlertTarget, nowMs: number): AlertTarget => ({
  ...target,
  secretVersion: target.secretVersion + 1,
  previousSecretUntilMs: nowMs + ROTATION_MS,
});

/** The key of the tokens in links. */
export const linkKey = (secret: string): Buffer => keyFor(secret, "doorstep alert links");
