import type { IncomingMessage } from "node:http";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { httpResponse, matchRoute, proxyEvent, requestTime } from "../../../local/http-api/event.ts";

describe("a request matches the most specific route:", () => {
  const routes = [
    "$default",
    "GET /{proxy+}",
    "GET /pets/{id}",
    "GET /pets/best",
    "ANY /pets/{id}",
    "GET /pets/{proxy+}",
    "POST /pets/{id}/toys/{toy}",
  ];
  test.each<[string, string, string, Record<string, string>]>([
    ["GET", "/pets/best", "GET /pets/best", {}],
    ["GET", "/pets/7", "GET /pets/{id}", { id: "7" }],
    ["PUT", "/pets/7", "ANY /pets/{id}", { id: "7" }],
    ["GET", "/pets/7/toys", "GET /pets/{proxy+}", { proxy: "7/toys" }],
    ["GET", "/cats", "GET /{proxy+}", { proxy: "cats" }],
    ["POST", "/pets/a%20b/toys/%C3%A4", "POST /pets/{id}/toys/{toy}", { id: "a b", toy: "ä" }],
    ["GET", "/pets/%zz", "GET /pets/{id}", { id: "%zz" }],
    ["POST", "/cats", "$default", {}],
  ])("%s %s", (method, path, routeKey, pathParameters) => {
    for (const order of [routes, routes.toReversed()])
      expect(matchRoute(order, method, path)).toEqual({ routeKey, pathParameters });
  });

  test("and none if none matches", () => {
    expect(matchRoute(["GET /pets/{id}"], "GET", "/pets")).toBeUndefined();
    expect(matchRoute(["GET /pets/{id}"], "POST", "/pets/1")).toBeUndefined();
    expect(matchRoute([], "GET", "/")).toBeUndefined();
  });

  test("with its parameters decoded", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: "grapheme" }), (id) => {
        fc.pre(id !== "best" && id.isWellFormed());
        expect(matchRoute(["GET /pets/{id}"], "GET", `/pets/${encodeURIComponent(id)}`)).toEqual({
          routeKey: "GET /pets/{id}",
          pathParameters: { id },
        });
      }),
    );
  });
});

/** The parts of a request that an event is built from. */
function request(method: string, headers: Record<string, string[]>): IncomingMessage {
  const single = Object.fromEntries(
    Object.entries(headers).map(([name, values]) => [name, values.join("; ")]),
  );
  return {
    method,
    headers: single,
    headersDistinct: headers,
    httpVersion: "1.1",
    socket: { remoteAddress: "127.0.0.1" },
  } as unknown as IncomingMessage;
}

const route = { routeKey: "POST /cameras/{cameraId}", pathParameters: { cameraId: "front door" } };
const context = { accountId: "000000000000", nowMs: Date.UTC(2020, 2, 12, 19, 3, 58, 390) };
const eventOf = (headers: Record<string, string[]>, body: Buffer) =>
  proxyEvent(request("POST", headers), new URL("http://h/"), body, route, context);

test("an event has the payload format 2.0", () => {
  const headers = {
    host: ["127.0.0.1:3000"],
    "content-type": ["application/json"],
    "x-tag": ["a", "b"],
    "user-agent": ["camera/1.0"],
    cookie: ["one=1; two=2"],
  };
  const url = new URL("http://127.0.0.1:3000/cameras/front%20door?tag=a%20b&tag=c&empty=&x=%C3%A4");
  const event = proxyEvent(request("POST", headers), url, Buffer.from('{"at":1}'), route, context);
  expect(event).toEqual({
    version: "2.0",
    routeKey: "POST /cameras/{cameraId}",
    rawPath: "/cameras/front door",
    rawQueryString: "tag=a%20b&tag=c&empty=&x=%C3%A4",
    cookies: ["one=1", "two=2"],
    headers: {
      host: "127.0.0.1:3000",
      "content-type": "application/json",
      "x-tag": "a,b",
      "user-agent": "camera/1.0",
    },
    queryStringParameters: { tag: "a b,c", empty: "", x: "ä" },
    pathParameters: { cameraId: "front door" },
    requestContext: {
      accountId: "000000000000",
      apiId: "local",
      domainName: "127.0.0.1:3000",
      domainPrefix: "127",
      http: {
        method: "POST",
        path: "/cameras/front door",
        protocol: "HTTP/1.1",
        sourceIp: "127.0.0.1",
        userAgent: "camera/1.0",
      },
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      routeKey: "POST /cameras/{cameraId}",
      stage: "$default",
      time: "12/Mar/2020:19:03:58 +0000",
      timeEpoch: 1584039838390,
    },
    body: '{"at":1}',
    isBase64Encoded: false,
  });
});

test.each([
  ["text/plain; charset=utf-8", false],
  ["application/json", false],
  ["application/json; charset=utf-8", false],
  ["application/xml", false],
  ["application/javascript", false],
  ["application/x-www-form-urlencoded", true],
  ["application/problem+json", true],
  ["image/jpeg", true],
  ["", true],
])("a body of the type %j is sent in base64: %s", (type, expected) => {
  const event = eventOf(type ? { "content-type": [type] } : {}, Buffer.from("hi"));
  expect([event.isBase64Encoded, event.body]).toEqual([expected, expected ? "aGk=" : "hi"]);
});

test("a request without a body, a query or cookies has an event without them", () => {
  const event = eventOf({}, Buffer.alloc(0));
  expect(event.isBase64Encoded).toBe(false);
  for (const member of ["body", "queryStringParameters", "cookies"]) expect(event).not.toHaveProperty(member);
});

test("the request's time has the form of access logs", () => {
  expect(requestTime(0)).toBe("01/Jan/1970:00:00:00 +0000");
  expect(requestTime(Date.UTC(2026, 11, 31, 23, 59, 59, 999))).toBe("31/Dec/2026:23:59:59 +0000");
});

describe("a function's result becomes a response", () => {
  const json = { "content-type": "application/json" };
  test.each<[string, any, { statusCode: number; headers: object; body: string }]>([
    ["text as it is", "Hello", { statusCode: 200, headers: json, body: "Hello" }],
    ["an object as JSON", { a: 1 }, { statusCode: 200, headers: json, body: '{"a":1}' }],
    ["a list as JSON", [1], { statusCode: 200, headers: json, body: "[1]" }],
    ["a number as JSON", 42, { statusCode: 200, headers: json, body: "42" }],
    ["nothing as null", null, { statusCode: 200, headers: json, body: "null" }],
    [
      "by its status, headers and body",
      { statusCode: 201, headers: { "X-Count": 2, "Content-Length": "999" }, body: "created" },
      { statusCode: 201, headers: { "x-count": "2" }, body: "created" },
    ],
    ["without a body", { statusCode: 204 }, { statusCode: 204, headers: {}, body: "" }],
    [
      "from base64",
      { statusCode: 200, body: "aGk=", isBase64Encoded: true },
      { statusCode: 200, headers: {}, body: "hi" },
    ],
    [
      "with its cookies",
      { statusCode: 200, cookies: ["a=1", "b=2"] },
      { statusCode: 200, headers: { "set-cookie": ["a=1", "b=2"] }, body: "" },
    ],
  ])("%s", (_name, result, expected) => {
    const { statusCode, headers, body } = httpResponse(result);
    expect({ statusCode, headers, body: body.toString() }).toEqual(expected);
  });
});
