import * as v from "valibot";

/** Largest record before base64 (documented: Firehose quotas, 1,000 KiB). */
const MAX_RECORD_BYTES = 1_024_000;

export const streamName = v.pipe(
  v.string(),
  v.regex(/^[\w.-]{1,64}$/, "expected 1 to 64 of a-z A-Z 0-9 _ . -"),
);

/** A record; its base64 is decoded. */
export const record = v.object({
  Data: v.pipe(
    v.string(),
    v.transform((text) => Buffer.from(text, "base64")),
    v.check(
      ({ length }) => length <= MAX_RECORD_BYTES,
      `Member must have length less than or equal to ${MAX_RECORD_BYTES}`,
    ),
  ),
});
