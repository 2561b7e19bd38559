import { describe, expect, test } from "@jest/globals";
import { Webhook } from "standardwebhooks";
import { DAY_MS } from "../../../base/durations.ts";
import { linkKey, signingKeys, targetSecret, withNewSecret } from "../../../core/alerts/keys.ts";
import { signedHeaders } from "../../../core/webhook.ts";
import { targetOf } from "./samples.ts";

const SECRET = "the alerts' secret";
const NOW_MS = Date.now();
const BODY = JSON.stringify({ type: "AlertRaised" });

const isAccepted = (secret: string, headers: Record<string, string>): boolean => {
  try {
    new Webhook(secret).verify(BODY, headers);
    return true;
  } catch {
    return false;
  }
};

describe("a target's secret", () => {
  const target = targetOf({ targetId: "phone" });

  test("is accepted by the reference library for what is signed with its key, and no other target's is", () => {
    const headers = signedHeaders(signingKeys(SECRET, target, NOW_MS), "alert-1", NOW_MS, BODY);
    expect(isAccepted(targetSecret(SECRET, target), headers)).toBe(true);
    expect(isAccepted(targetSecret(SECRET, { ...target, targetId: "tablet" }), headers)).toBe(false);
    expect(isAccepted(targetSecret("another stack's", target), headers)).toBe(false);
  });

  test("is valid for a day after it was replaced, beside the new one", () => {
    const rotated = withNewSecret(target, NOW_MS);
    expect(rotated).toEqual({ ...target, secretVersion: 2, previousSecretUntilMs: NOW_MS + DAY_MS });
    const during = signedHeaders(signingKeys(SECRET, rotated, NOW_MS), "alert-1", NOW_MS, BODY);
    expect(during["webhook-signature"]!.split(" ")).toHaveLength(2);
    expect(isAccepted(targetSecret(SECRET, target), during)).toBe(true);
    expect(isAccepted(targetSecret(SECRET, rotated), during)).toBe(true);

    const after = signedHeaders(signingKeys(SECRET, rotated, NOW_MS + DAY_MS), "alert-1", NOW_MS, BODY);
    expect(after["webhook-signature"]!.split(" ")).toHaveLength(1);
    expect(isAccepted(targetSecret(SECRET, target), after)).toBe(false);
    expect(isAccepted(targetSecret(SECRET, rotated), after)).toBe(true);
  });

  test("replaced twice within a day, leaves only the last two valid", () => {
    const twice = withNewSecret(withNewSecret(target, NOW_MS), NOW_MS + 1);
    expect(signingKeys(SECRET, twice, NOW_MS + 1)).toHaveLength(2);
    const headers = signedHeaders(signingKeys(SECRET, twice, NOW_MS + 1), "alert-1", NOW_MS, BODY);
    expect(isAccepted(targetSecret(SECRET, target), headers)).toBe(false);
  });

  test("has 32 bytes, and links have a key of their own", () => {
    const [key] = signingKeys(SECRET, target, NOW_MS);
    expect([key!.length, linkKey(SECRET).length]).toEqual([32, 32]);
    expect(linkKey(SECRET)).not.toEqual(key);
    expect(targetSecret(SECRET, target)).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  });
});
