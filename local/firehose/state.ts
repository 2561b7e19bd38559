import * as v from "valibot";
import type { ActionContext } from "../api/action.ts";
import type { Cloud } from "../cloud.ts";
import { AwsError } from "../errors.ts";
import type { DeliveryStream } from "./delivery-stream.ts";

/** The streams of the stack, by name. */
export interface FirehoseState {
  readonly streams: Map<string, DeliveryStream>;
}

/** Largest record before base64 (documented: Firehose quotas, 1,000 KiB). */
const MAX_RECORD_BYTES = 1_024_000;

export const streamName = v.pipe(
  v.string(),
  v.regex(/^[\w.-]{1,64}$/, "expected 1 to 64 of a-z A-Z 0-9 _ . -"),
);

/** A record's base64, decoded. */
export const recordData = v.pipe(
  v.string(),
  v.transform((text) => Buffer.from(text, "base64")),
  v.check(
    ({ length }) => length <= MAX_RECORD_BYTES,
    `Member must have length less than or equal to ${MAX_RECORD_BYTES}`,
  ),
);

export const streamArn = (cloud: Cloud, name: string): string =>
  cloud.arn("firehose", `deliverystream/${name}`);

/** @throws AwsError ResourceNotFoundException */
export function found(
  name: string,
  { cloud, state }: Pick<ActionContext<FirehoseState>, "cloud" | "state">,
): DeliveryStream {
  const stream = state.streams.get(name);
  if (!stream)
    throw new AwsError(
      "ResourceNotFoundException",
      `Firehose ${name} under account ${cloud.accountId} not found.`,
    );
  return stream;
}
