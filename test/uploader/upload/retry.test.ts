import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { ackError, PutMediaError } from "../../../uploader/put-media-error.ts";
import { afterFailure, failureKind } from "../../../uploader/upload/retry.ts";
import { SourceError } from "../../../uploader/sources/source.ts";

const serviceError = (name: string, httpStatusCode: number) =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });
const network = (code: string) => Object.assign(new Error(code), { code });

describe("failureKind", () => {
  test.each([
    [4000, "STREAM_READ_ERROR", "transient"],
    [4001, "MAX_FRAGMENT_SIZE_REACHED", "permanent"],
    [4002, "MAX_FRAGMENT_DURATION_REACHED", "permanent"],
    [4003, "MAX_CONNECTION_DURATION_REACHED", "transient"],
    [4004, "FRAGMENT_TIMECODE_LESSER_THAN_PREVIOUS", "permanent"],
    [4005, "MORE_THAN_ALLOWED_TRACKS_FOUND", "permanent"],
    [4006, "INVALID_MKV_DATA", "permanent"],
    [4007, "INVALID_PRODUCER_TIMESTAMP", "permanent"],
    [4008, "STREAM_NOT_ACTIVE", "transient"],
    [4009, "FRAGMENT_METADATA_LIMIT_REACHED", "permanent"],
    [4010, "TRACK_NUMBER_MISMATCH", "permanent"],
    [4011, "FRAMES_MISSING_FOR_TRACK", "permanent"],
    [4012, "INVALID_FRAGMENT_METADATA", "permanent"],
    [4500, "KMS_KEY_ACCESS_DENIED", "permanent"],
    [4501, "KMS_KEY_DISABLED", "permanent"],
    [4502, "KMS_KEY_VALIDATION_ERROR", "transient"],
    [4503, "KMS_KEY_UNAVAILABLE", "transient"],
    [4504, "KMS_KEY_INVALID_USAGE", "permanent"],
    [4505, "KMS_KEY_INVALID_STATE", "permanent"],
    [4506, "KMS_KEY_NOT_FOUND", "permanent"],
    [4507, "STREAM_DELETED", "permanent"],
    [5000, "INTERNAL_ERROR", "transient"],
    [5001, "ARCHIVAL_ERROR", "transient"],
    [4999, "UNKNOWN_ERROR", "transient"],
  ])("maps error %i to its name, and to whether it is transient", (errorId, code, kind) => {
    const error = ackError({ errorId });
    expect([error.code, failureKind(error)]).toEqual([code, kind]);
  });

  test.each([
    ["a broken connection", new PutMediaError("CONNECTION_CLOSED", ""), "transient"],
    [
      "a full stream",
      new PutMediaError("ConnectionLimitExceededException", "", { httpStatus: 400 }),
      "transient",
    ],
    ["a service in trouble", new PutMediaError("UnknownError", "", { httpStatus: 503 }), "transient"],
    ["an expired token", new PutMediaError("ExpiredTokenException", "", { httpStatus: 403 }), "credentials"],
    ["a refusal", new PutMediaError("AccessDeniedException", "", { httpStatus: 401 }), "permanent"],
    ["a missing stream", serviceError("ResourceNotFoundException", 404), "permanent"],
    ["a throttled look-up", serviceError("ClientLimitExceededException", 400), "transient"],
    ["a failed look-up", serviceError("InternalFailure", 500), "transient"],
    ["an unreachable host", network("ENOTFOUND"), "transient"],
    ["a missing file", network("ENOENT"), "permanent"],
    ["no credentials", Object.assign(new Error(), { name: "CredentialsProviderError" }), "permanent"],
    ["a damaged source", new SourceError("CORRUPT", ""), "permanent"],
  ])("classifies %s", (_, error, kind) => {
    expect(failureKind(error)).toBe(kind);
  });
});

describe("afterFailure", () => {
  const broken = new PutMediaError("CONNECTION_CLOSED", "");

  test("waits up to twice as long each time, at most 30 s, and gives up at the tenth failure", () => {
    const waits = Array.from({ length: 10 }, (_, i) => afterFailure(broken, i + 1, 1));
    expect(waits.map((wait) => (wait === "give-up" ? wait : wait.retryInMs))).toEqual([
      500,
      1000,
      2000,
      4000,
      8000,
      16_000,
      30_000,
      30_000,
      30_000,
      "give-up",
    ]);
  });

  test("spreads retries over the whole wait", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (failures, chance) => {
          const [all, some] = [afterFailure(broken, failures, 1), afterFailure(broken, failures, chance)];
          if (all === "give-up" || some === "give-up") throw new Error("gave up early");
          expect(Math.abs(some.retryInMs - all.retryInMs * chance)).toBeLessThanOrEqual(0.5);
        },
      ),
    );
  });

  test("never retries a permanent error", () => {
    expect(afterFailure(new SourceError("UNSUITABLE", ""), 1, 0)).toBe("give-up");
  });
});
