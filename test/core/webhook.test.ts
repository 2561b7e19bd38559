import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { deriveKey, formatSecret, sign, verify } from "../../core/webhook.ts";

const NOW_MS = 1_763_700_000_000;
const TIMESTAMP = "1763700000";
const key = deriveKey("the master secret", "front-door", 1);

const headers = (id: string, timestamp: string, signature: string) => ({ id, timestamp, signature });

describe("a webhook", () => {
  test("is accepted when the reference library signed it", () => {
    const signature = new Webhook(formatSecret(key)).sign("msg_1", new Date(NOW_MS), '{"at":1}');
    expect(verify(headers("msg_1", TIMESTAMP, signature), '{"at":1}', key, NOW_MS)).toEqual({
      ok: true,
      id: "msg_1",
      sentMs: NOW_MS,
    });
  });

  test("is signed so that the reference library accepts it, whatever its id and body", () => {
    const timestamp = String(Math.floor(Date.now() / 1000));
    fc.assert(
      fc.property(fc.stringMatching(/^[\w.:-]{1,64}$/), fc.json(), (id, body) => {
        const signature = sign(key, id, timestamp, body);
        const signed = { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature };
        expect(new Webhook(formatSecret(key)).verify(body, signed)).toEqual(JSON.parse(body));
      }),
    );
  });

  test("is refused as unsigned when a header is missing or its timestamp is no number", () => {
    const good = sign(key, "msg_1", TIMESTAMP, "");
    const refused = { ok: false, reason: "unsigned" };
    expect(verify({ id: undefined, timestamp: TIMESTAMP, signature: good }, "", key, NOW_MS)).toEqual(
      refused,
    );
    expect(verify({ id: "msg_1", timestamp: undefined, signature: good }, "", key, NOW_MS)).toEqual(refused);
    expect(verify({ id: "msg_1", timestamp: TIMESTAMP, signature: undefined }, "", key, NOW_MS)).toEqual(
      refused,
    );
    expect(verify(headers("msg_1", "yesterday", good), "", key, NOW_MS)).toEqual(refused);
    expect(verify(headers("x".repeat(129), TIMESTAMP, good), "", key, NOW_MS)).toEqual(refused);
  });

  test("is stale more than 300 seconds before or after its time", () => {
    const signature = sign(key, "msg_1", TIMESTAMP, "");
    const at = (nowMs: number) => verify(headers("msg_1", TIMESTAMP, signature), "", key, nowMs);
    expect(at(1_763_700_300_000)).toEqual({ ok: true, id: "msg_1", sentMs: NOW_MS });
    expect(at(1_763_700_300_001)).toEqual({ ok: false, reason: "stale" });
    expect(at(1_763_699_700_000)).toEqual({ ok: true, id: "msg_1", sentMs: NOW_MS });
    expect(at(1_763_699_699_999)).toEqual({ ok: false, reason: "stale" });
  });

  test("may carry several signatures, of which one must be right", () => {
    const signatures = `v1,AAAA v2,unknown ${sign(key, "msg_1", TIMESTAMP, "body")}`;
    expect(verify(headers("msg_1", TIMESTAMP, signatures), "body", key, NOW_MS).ok).toBe(true);
  });

  test("is refused when its id, time or body is not what was signed", () => {
    const signature = sign(key, "msg_1", TIMESTAMP, "body");
    const wrong = { ok: false, reason: "wrong-signature" };
    expect(verify(headers("msg_2", TIMESTAMP, signature), "body", key, NOW_MS)).toEqual(wrong);
    expect(verify(headers("msg_1", "1763700001", signature), "body", key, NOW_MS)).toEqual(wrong);
    expect(verify(headers("msg_1", TIMESTAMP, signature), "body ", key, NOW_MS)).toEqual(wrong);
  });

  test("is refused when another camera's or another version's key signed it", () => {
    for (const other of [
      deriveKey("the master secret", "back-yard", 1),
      deriveKey("the master secret", "front-door", 2),
    ])
      expect(
        verify(headers("msg_1", TIMESTAMP, sign(other, "msg_1", TIMESTAMP, "")), "", key, NOW_MS),
      ).toEqual({
        ok: false,
        reason: "wrong-signature",
      });
  });
});

test("a key is 32 bytes, the same for the same camera and version, and written as a Standard Webhooks secret", () => {
  expect(key).toHaveLength(32);
  expect(deriveKey("the master secret", "front-door", 1)).toEqual(key);
  expect(formatSecret(Buffer.alloc(32, 1))).toBe("whsec_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=");
});
