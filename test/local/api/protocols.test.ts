import type { ServerResponse } from "node:http";
import { expect, test } from "@jest/globals";
import { TurnableClock } from "../../../base/clock.ts";
import { BodyTooLargeError } from "../../../local/api/body.ts";
import { asAwsError, sendError, type Protocol } from "../../../local/api/protocols.ts";
import { AwsError } from "../../../local/errors.ts";
import { Events } from "../../../local/events.ts";

/** What a response was given. */
function sent(protocol: Protocol, error: AwsError) {
  const written: { status?: number; headers?: Record<string, string>; body?: string } = {};
  const response = {
    writeHead: (status: number, headers: Record<string, string>) => {
      Object.assign(written, { status, headers });
      return response;
    },
    end: (body: string) => Object.assign(written, { body }),
  };
  const context = { protocol, service: "sqs", requestId: "r-1" };
  sendError(response as unknown as ServerResponse, error, context);
  return written;
}

const json = (contentType: string) => ({
  "content-type": contentType,
  "x-amzn-errortype": "NoThing",
  "x-amzn-requestid": "r-1",
});

test.each<[Protocol, object, string]>([
  [
    "json-1.0",
    json("application/x-amz-json-1.0"),
    '{"__type":"com.amazonaws.sqs#NoThing","message":"no","Message":"no"}',
  ],
  ["json-1.1", json("application/x-amz-json-1.1"), '{"__type":"NoThing","message":"no","Message":"no"}'],
  ["rest-json", json("application/json"), '{"__type":"NoThing","message":"no","Message":"no"}'],
  [
    "query",
    { "content-type": "text/xml", "x-amzn-requestid": "r-1" },
    "<ErrorResponse><Error><Type>Sender</Type><Code>NoThing</Code><Message>no</Message></Error><RequestId>r-1</RequestId></ErrorResponse>",
  ],
  [
    "s3",
    { "content-type": "application/xml", "x-amz-request-id": "r-1" },
    '<?xml version="1.0" encoding="UTF-8"?><Error><Code>NoThing</Code><Message>no</Message><RequestId>r-1</RequestId></Error>',
  ],
])("%s has a form for errors", (protocol, headers, body) => {
  expect(sent(protocol, new AwsError("NoThing", "no", 404))).toEqual({ status: 404, headers, body });
});

test.each<[Protocol, string]>([
  ["json-1.1", '"__type":"AccessDeniedException"'],
  ["rest-json", '"__type":"AccessDeniedException"'],
  ["query", "<Code>AccessDenied</Code>"],
  ["s3", "<Code>AccessDenied</Code>"],
])("%s has a name for a call that is not allowed", (protocol, text) => {
  expect(sent(protocol, new AwsError("AccessDeniedException", "no", 403)).body).toContain(text);
});

test("an error of the local cloud itself is a 500 and an event", () => {
  const events = new Events(new TurnableClock());
  expect(asAwsError(new TypeError("x is undefined"), events)).toMatchObject({
    code: "InternalServerError",
    status: 500,
    message: "the local cloud failed: x is undefined",
  });
  expect(events.matching(({ name }) => name === "fault")).toHaveLength(1);
});

test("a body that is too large is a 413", () => {
  const events = new Events(new TurnableClock());
  expect(asAwsError(new BodyTooLargeError("over 1 byte"), events)).toMatchObject({ status: 413 });
  expect(events.matching(() => true)).toEqual([]);
});
