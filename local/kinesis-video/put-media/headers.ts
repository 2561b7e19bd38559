import type { IncomingHttpHeaders } from "node:http";
import * as v from "valibot";
import { SECOND_MS } from "../../../base/durations.ts";
import { explain } from "../../api/action.ts";
import { invalidArgument } from "../errors.ts";
import { streamRequest } from "../inputs.ts";
import type { StreamReference } from "../streams.ts";

/** The parameters in PutMedia's headers. */
interface PutMediaRequest {
  readonly reference: StreamReference;
  /** Added to every cluster's time: 0 for ABSOLUTE timecodes, the producer's start for RELATIVE ones. */
  readonly startMs: number;
}

const decimalSeconds = v.pipe(
  v.string(),
  v.regex(/^-?\d{1,16}(\.\d{1,9})?$/, "expected decimal seconds since 1970, e.g. 1700000000.5"),
  v.transform((seconds) => Math.round(Number(seconds) * SECOND_MS)),
);

const input = streamRequest({});

const timing = v.variant(
  "x-amzn-fragment-timecode-type",
  [
    v.object({
      "x-amzn-fragment-timecode-type": v.literal("ABSOLUTE"),
      "x-amzn-producer-start-timestamp": v.optional(decimalSeconds),
    }),
    v.object({
      "x-amzn-fragment-timecode-type": v.literal("RELATIVE"),
      "x-amzn-producer-start-timestamp": decimalSeconds,
    }),
  ],
  "expected ABSOLUTE or RELATIVE",
);

/**
 * Reads the headers (documented: PutMedia). The start timestamp is in seconds (observed: producer-c); that RELATIVE
 * requires one, and that an invalid one is refused before the first acknowledgement, is unconfirmed.
 * @throws AwsError InvalidArgumentException
 */
export function readPutMediaHeaders(headers: IncomingHttpHeaders): PutMediaRequest {
  const reference = check(input, {
    StreamName: headers["x-amzn-stream-name"],
    StreamARN: headers["x-amzn-stream-arn"],
  });
  const times = check(timing, headers);
  const isAbsolute = times["x-amzn-fragment-timecode-type"] === "ABSOLUTE";
  return { reference, startMs: isAbsolute ? 0 : (times["x-amzn-producer-start-timestamp"] ?? 0) };
}

function check<T>(schema: v.GenericSchema<unknown, T>, value: unknown): T {
  const parsed = v.safeParse(schema, value);
  if (!parsed.success) throw invalidArgument(explain(parsed.issues));
  return parsed.output;
}
