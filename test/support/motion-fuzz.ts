import fc from "fast-check";
import { deriveToken } from "../../core/motion/credential.ts";
import { isJson } from "../../operator/redrive/json-documents.ts";
import { deriveKey, sign } from "../../core/webhook.ts";
import type { HttpRequest } from "./http.ts";

/** A request that must be refused, and how it may be. */
export interface Refused extends HttpRequest {
  readonly what: string;
  readonly path: string;
  readonly expected: readonly number[];
}

/** What requests are made of. */
export interface Fleet {
  /** Registered, with key version 1. */
  readonly cameraIds: readonly string[];
  readonly masterSecret: string;
  readonly nowMs: number;
}

/** Part of every forged credential, so that a leak of any is found. */
export const MARKER = "f0rg3d";
const DAY_MS = 86_400_000;

const TRICKS = [
  "..",
  ".",
  "%2e%2e",
  "..%2f..%2fetc%2fpasswd",
  "%2e%2e%2f",
  "a%2fb",
  "%5c..%5c",
  "%00",
  "a%00b",
  "%c0%ae%c0%ae",
  "%zz",
  "%",
  "%25%32%65",
  "*",
  "$default",
  "{cameraId}",
  "__proto__",
  "constructor",
  "arn:aws:rekognition:us-east-1:000000000000:streamprocessor",
  "front;door",
  "front'door",
  "<script>",
  "-front",
  "FRONT",
  "f".repeat(64),
  "f".repeat(4000),
  "%E2%80%AE",
  "%F0%9F%93%B7",
];

const ascii = (maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...printable()), minLength: 1, maxLength });
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const verb = fc.constantFrom("start", "stop");

/** Every printable ASCII character that a request line or a header takes as it is. */
function printable(): string[] {
  return Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index));
}

/** Requests of every sort that a motion API must refuse; the likelier sorts are those that reach furthest. */
export function refusedRequests({ cameraIds, masterSecret, nowMs }: Fleet): fc.Arbitrary<Refused> {
  const known = fc.constantFrom(...cameraIds);
  const path = (cameraId: string, action: string) => `/cameras/${cameraId}/motion/${action}`;

  /** Headers signed as a camera, at a time, with a key of a version. */
  const signed = (as: string, body: string | Buffer, id: string, atMs = nowMs, keyVersion = 1) => {
    const timestamp = String(Math.floor(atMs / 1000));
    return {
      "content-type": "application/json",
      "webhook-id": `${MARKER}-${id}`,
      "webhook-timestamp": timestamp,
      "webhook-signature": sign(deriveKey(masterSecret, as, keyVersion), `${MARKER}-${id}`, timestamp, body),
    };
  };

  const oddPaths = fc
    .tuple(
      fc.oneof(fc.constantFrom(...TRICKS), ascii(80).map(encodeURIComponent), fc.constantFrom("/", "//", "")),
      verb,
      fc.constantFrom("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"),
    )
    .map(([id, action, method]) => ({
      what: "a camera id with tricks",
      method,
      path: path(id, action),
      expected: [400, 401, 404, 431],
    }));

  const elsewhere = fc
    .tuple(fc.array(fc.constantFrom(...TRICKS, "cameras", "motion", "start", "//"), { maxLength: 6 }), bytes)
    .map(([segments, body]) => ({
      what: "a path that is none",
      method: "POST",
      path: `/${segments.join("/")}`,
      body,
      expected: [400, 401, 404, 431],
    }));

  const unproven = fc
    .tuple(
      known,
      verb,
      fc.record(
        {
          "webhook-id": ascii(300),
          "webhook-timestamp": fc.oneof(ascii(20), fc.integer().map(String)),
          "webhook-signature": fc.oneof(
            ascii(200).map((text) => `v1,${MARKER}${text}`),
            fc.array(fc.constant(`v1,${MARKER}`), { maxLength: 40 }).map((all) => all.join(" ")),
          ),
          "content-type": fc.constantFrom(
            "application/json",
            "text/xml",
            "multipart/form-data",
            "image/jpeg",
          ),
          "content-encoding": fc.constantFrom("gzip", "br", "x"),
          "x-forwarded-for": ascii(100),
          cookie: ascii(100),
        },
        { requiredKeys: [] },
      ),
      bytes,
    )
    .map(([cameraId, action, headers, body]) => ({
      what: "no signature or a forged one",
      method: "POST",
      path: path(cameraId, action),
      headers,
      body,
      expected: [401],
    }));

  const tokens = fc
    .tuple(known, known, verb, ascii(150), fc.constantFrom("bearer", "basic", "query", "scheme"))
    .filter(([cameraId, other]) => cameraId !== other)
    .map(([cameraId, other, action, text, form]) => {
      const token = text.length % 3 ? MARKER + text : deriveToken(masterSecret, other, 1);
      const basic = Buffer.from(`${cameraId}:${token}`).toString("base64");
      const authorization = { bearer: `Bearer ${token}`, basic: `Basic ${basic}`, scheme: token }[
        form as "bearer" | "basic" | "scheme"
      ];
      return {
        what: "a forged token or another camera's",
        method: "POST",
        path: path(cameraId, action) + (form === "query" ? `?token=${encodeURIComponent(token)}` : ""),
        headers: (authorization ? { authorization } : {}) as Record<string, string>,
        expected: [401],
      };
    });

  const misused = fc
    .tuple(known, known, verb, fc.uuid(), fc.constantFrom("other", "old", "future", "version", "body"))
    .filter(([cameraId, other]) => cameraId !== other)
    .map(([cameraId, other, action, id, how]) => {
      const body = how === "body" ? '{"maxDurationSeconds":1}' : "{}";
      const headers = {
        other: () => signed(other, "{}", id),
        old: () => signed(cameraId, "{}", id, nowMs - 400_000),
        future: () => signed(cameraId, "{}", id, nowMs + 7 * DAY_MS),
        version: () => signed(cameraId, "{}", id, nowMs, 2),
        body: () => signed(cameraId, "{}", id),
      }[how as "other" | "old" | "future" | "version" | "body"]();
      return {
        what: "a good signature of something else",
        method: "POST",
        path: path(cameraId, action),
        headers,
        body,
        expected: [401],
      };
    });

  const unknown = fc.tuple(fc.uuid(), verb, fc.boolean()).map(([id, action, isProven]) => ({
    what: "a camera that is not registered",
    method: "POST",
    path: path(`nowhere-${id}`, action),
    headers: signed(isProven ? `nowhere-${id}` : cameraIds[0]!, "{}", id),
    body: "{}",
    expected: [isProven ? 404 : 401],
  }));

  const times = fc.oneof(
    fc.integer({ min: 0, max: 2_000_000_000 }),
    fc.integer({ min: nowMs + DAY_MS, max: nowMs * 4 }),
    fc.integer({ min: 100_000_000_000, max: nowMs - 7 * DAY_MS }),
    fc.double({ noInteger: true }),
    fc.constantFrom("yesterday", "2026-13-45T99:99:99Z", "2026-11-21", "", "2099-01-01T00:00:00.000Z"),
    fc.constantFrom(null, true, [], {}, [nowMs]),
  );
  const wrongBodies = fc.oneof(
    times.map((at) => ({ at })),
    fc
      .oneof(fc.integer({ min: 121 }), fc.integer({ max: 0 }), fc.constantFrom("10", null, 1.5, [10]))
      .map((maxDurationSeconds) => ({ maxDurationSeconds })),
    fc.oneof(fc.array(fc.jsonValue()), fc.constantFrom(null, 1, true, "motion")),
    fc.string({ minLength: 1 }).map((key) => ({ [`x${key}`]: 1 })),
    fc.jsonValue({ maxDepth: 6 }).map((value) => ({ nested: value })),
  );
  const invalid = fc.tuple(known, fc.uuid(), wrongBodies).map(([cameraId, id, value]) => {
    const body = JSON.stringify(value);
    return {
      what: "an invalid report, well proven",
      method: "POST",
      path: path(cameraId, "start"),
      headers: signed(cameraId, body, id),
      body,
      expected: [422, 429],
    };
  });
  const noJson = fc
    .tuple(
      known,
      fc.uuid(),
      fc
        .oneof(
          ascii(100).map((text) => `{${text}`),
          // Nothing but white space is no body, which is a report.
          bytes.filter((body) => body.toString("utf8").trim() !== ""),
        )
        .filter((body) => !isJson(String(body))),
    )
    .map(([cameraId, id, body]) => ({
      what: "a body that is no JSON, well proven",
      method: "POST",
      path: path(cameraId, "start"),
      headers: signed(cameraId, body, id),
      body,
      // Bytes that are no UTF-8 have lost their signature before a function sees them.
      expected: [400, 401, 429],
    }));

  const tooLarge = fc
    .tuple(known, verb, fc.integer({ min: 16_385, max: 60_000 }), fc.uuid())
    .map(([cameraId, action, sizeBytes, id]) => {
      const body = `"${"x".repeat(sizeBytes)}"`;
      return {
        what: "a body that is too large",
        method: "POST",
        path: path(cameraId, action),
        headers: signed(cameraId, body, id),
        body,
        expected: [413],
      };
    });

  return fc.oneof(
    { arbitrary: oddPaths, weight: 5 },
    { arbitrary: elsewhere, weight: 5 },
    { arbitrary: unproven, weight: 2 },
    { arbitrary: tokens, weight: 2 },
    { arbitrary: misused, weight: 2 },
    { arbitrary: unknown, weight: 1 },
    { arbitrary: invalid, weight: 3 },
    { arbitrary: noJson, weight: 1 },
    { arbitrary: tooLarge, weight: 1 },
  );
}
