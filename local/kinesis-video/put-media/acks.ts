import type { ServerResponse } from "node:http";
import type { ArrivingFragment, FragmentEvent } from "./fragment-receiver.ts";
import type { PutMediaError } from "./put-media-error.ts";

/**
 * The response of PutMedia: acknowledgements as JSON objects, one per line, while the body arrives. Each is flat
 * (observed: producer SDKs accept no other), though the documentation shows it wrapped in `Acknowledgement`.
 */
export class Acks {
  readonly #response: ServerResponse;

  /** Sends the status and headers at once: producers wait for them before they send media. */
  constructor(response: ServerResponse, requestId: string) {
    this.#response = response;
    // The end of the body shows that a producer closed the connection; acknowledgements after it are dropped.
    response.on("error", () => {});
    response.writeHead(200, { "content-type": "application/json", "x-amzn-requestid": requestId });
    response.flushHeaders();
  }

  fragment(event: FragmentEvent, { timecode, number }: ArrivingFragment): void {
    this.#write({ EventType: event, FragmentTimecode: timecode, FragmentNumber: number });
  }

  idle(): void {
    this.#write({ EventType: "IDLE" });
  }

  error({ code, id }: PutMediaError, fragment: ArrivingFragment | undefined): void {
    this.#write({
      EventType: "ERROR",
      ...(fragment && { FragmentTimecode: fragment.timecode, FragmentNumber: fragment.number }),
      ErrorCode: code,
      ErrorId: id,
    });
  }

  #write(ack: Record<string, unknown>): void {
    if (!this.#response.destroyed) this.#response.write(`${JSON.stringify(ack)}\n`);
  }
}
