import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { httpApi } from "../../../local/http-api/index.ts";
import { lambda } from "../../../local/lambda/index.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";
import { functionResources, writeBundles } from "../lambda/functions.ts";

const integration = (name: string, properties: object = {}) => ({
  [`${name}Integration`]: {
    Type: "AWS::ApiGatewayV2::Integration",
    Properties: {
      ApiId: { Ref: "Api" },
      IntegrationType: "AWS_PROXY",
      PayloadFormatVersion: "2.0",
      IntegrationUri: { "Fn::GetAtt": [name, "Arn"] },
      ...properties,
    },
  },
});

const route = (id: string, RouteKey: string, name: string) => ({
  [id]: {
    Type: "AWS::ApiGatewayV2::Route",
    Properties: {
      ApiId: { Ref: "Api" },
      RouteKey,
      Target: { "Fn::Sub": `integrations/\${${name}Integration}` },
    },
  },
});

const permission = (name: string, path: string) => ({
  [`${name}Permission`]: {
    Type: "AWS::Lambda::Permission",
    Properties: {
      FunctionName: { Ref: name },
      Action: "lambda:InvokeFunction",
      Principal: "apigateway.amazonaws.com",
      SourceArn: {
        "Fn::Sub": `arn:\${AWS::Partition}:execute-api:\${AWS::Region}:\${AWS::AccountId}:\${Api}/${path}`,
      },
    },
  },
});

const Resources = {
  Api: { Type: "AWS::ApiGatewayV2::Api", Properties: { Name: "api", ProtocolType: "HTTP" } },
  Stage: {
    Type: "AWS::ApiGatewayV2::Stage",
    Properties: { ApiId: { Ref: "Api" }, StageName: "$default", AutoDeploy: true },
  },
  ...functionResources("show"),
  ...functionResources("slow", { properties: { Timeout: 60 } }),
  ...functionResources("closed"),
  ...functionResources("link"),
  ...integration("link"),
  ...permission("link", "*/*"),
  ...route("Media", "GET /media/{token}", "link"),
  ...route("Snooze", "GET /snooze/{token}", "link"),
  ...route("Snoozed", "POST /snooze/{token}", "link"),
  ...integration("show"),
  ...integration("slow", { TimeoutInMillis: 20_000 }),
  ...integration("closed"),
  ...permission("show", "*/*"),
  ...permission("slow", "$default/GET/slow"),
  ...permission("closed", "$default/GET/elsewhere"),
  ...route("Show", "POST /show/{name}", "show"),
  ...route("Slow", "GET /slow", "slow"),
  ...route("Closed", "GET /closed", "closed"),
};

let local: TestCloud;
let address: string;
beforeAll(async () => {
  const bundles = writeBundles({
    show: `export const handler = async (event) => {
      if (event.queryStringParameters?.fail) throw new Error("broken");
      if (event.queryStringParameters?.status) return { statusCode: Number(event.queryStringParameters.status) };
      return { statusCode: 201, cookies: ["a=1", "b=2"], headers: { "x-name": event.pathParameters.name }, body: JSON.stringify(event) };
    };`,
    slow: `export const handler = async () => { console.log("slow"); await new Promise(() => setInterval(() => {}, 1000)); };`,
    link: `export const handler = async ({ routeKey, pathParameters: { token }, headers, body, isBase64Encoded }) => {
      if (routeKey === "GET /media/{token}")
        return {
          statusCode: 302,
          headers: { Location: "https://bucket.s3.amazonaws.com/a.jpg?token=" + token, "Cache-Control": "no-store" },
        };
      if (routeKey === "GET /snooze/{token}")
        return { statusCode: 200, headers: { "Content-Type": "text/html; charset=utf-8" }, body: "<p>Für " + token + "</p>" };
      const form = new URLSearchParams(Buffer.from(body ?? "", isBase64Encoded ? "base64" : "utf8").toString("utf8"));
      return { statusCode: 200, body: JSON.stringify({ token, type: headers["content-type"], isBase64Encoded, ...Object.fromEntries(form) }) };
    };`,
    closed: `export const handler = async () => "in";`,
  });
  local = await startTestCloud({
    services: [lambda, httpApi(0)],
    template: { Resources },
    artifactFolder: bundles.folder,
  });
  bundles.remove();
  address = local.resources.get("Api")!.attributes!["ApiEndpoint"]!;
});
afterAll(() => local.stop());

describe("a request", () => {
  test("reaches its function as an event, and the result is the response", async () => {
    const body = Buffer.from([0xff, 0x00, 0x7f]);
    const response = await fetch(`${address}/show/front%20door?tag=a&tag=b`, {
      method: "POST",
      body,
      headers: { "X-Camera": "7", cookie: "s=1", "content-type": "application/octet-stream" },
    });
    expect(response.status).toBe(201);
    expect(response.headers.get("x-name")).toBe("front door");
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(await response.json()).toMatchObject({
      version: "2.0",
      routeKey: "POST /show/{name}",
      rawPath: "/show/front door",
      rawQueryString: "tag=a&tag=b",
      cookies: ["s=1"],
      headers: { "x-camera": "7", "content-length": "3" },
      queryStringParameters: { tag: "a,b" },
      pathParameters: { name: "front door" },
      requestContext: { accountId: "000000000000", http: { method: "POST", sourceIp: "127.0.0.1" } },
      body: "/wB/",
      isBase64Encoded: true,
    });
  });

  test.each([
    ["without a route is 404", "GET", "/nothing", 404, "Not Found"],
    ["with another method is 404", "GET", "/show/a", 404, "Not Found"],
    ["whose function throws is 500", "POST", "/show/a?fail=1", 500, "Internal Server Error"],
    [
      "whose function returns no valid HTTP status is 500",
      "POST",
      "/show/a?status=7",
      500,
      "Internal Server Error",
    ],
    ["that the function does not permit is 500", "GET", "/closed", 500, "Internal Server Error"],
  ])("%s", async (_name, method, path, status, message) => {
    const response = await fetch(address + path, { method });
    expect([response.status, await response.json()]).toEqual([status, { message }]);
  });

  test("over 10 MB is 413, and its sender receives the response", async () => {
    const response = await fetch(`${address}/show/a`, { method: "POST", body: Buffer.alloc(10_485_761) });
    expect([response.status, await response.json()]).toEqual([413, { message: "Request Entity Too Large" }]);
  });

  test("whose function takes longer than the integration's timeout is 503", async () => {
    const answer = fetch(`${address}/slow`);
    await local.cloud.events.waitFor(({ detail }) => detail["line"] === "slow");
    local.clock.turn(20_000);
    const response = await answer;
    expect([response.status, await response.json()]).toEqual([503, { message: "Service Unavailable" }]);
  });

  test("with a path that looks like another address stays here", async () => {
    const { port, hostname } = new URL(address);
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), hostname, () =>
        socket.write(
          `GET //example.org/x HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: close\r\n\r\n`,
        ),
      );
      socket.setEncoding("utf8").on("data", resolve);
    });
    expect(answer).toMatch(/^HTTP\/1.1 404 Not Found/);
  });
});

describe("a link", () => {
  // As long as a signed token may be, with every character of base64url and the dot between its parts.
  const token = `${"abcXYZ019-_".repeat(60)}.${"q-_9".repeat(11)}`;

  test("with a token of several hundred characters redirects, and nothing is in the response but its headers", async () => {
    expect(token.length).toBeGreaterThan(700);
    const response = await fetch(`${address}/media/${token}`, { redirect: "manual" });
    expect(response.status).toBe(302);
    expect(response.headers.get("location")).toBe(`https://bucket.s3.amazonaws.com/a.jpg?token=${token}`);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.text()).toBe("");
  });

  test("may show a page", async () => {
    const response = await fetch(`${address}/snooze/${token}`);
    expect([response.status, response.headers.get("content-type"), await response.text()]).toEqual([
      200,
      "text/html; charset=utf-8",
      `<p>Für ${token}</p>`,
    ]);
  });

  test("receives a form in base64", async () => {
    const body = new URLSearchParams({ minutes: "60", note: "später & mehr" });
    const response = await fetch(`${address}/snooze/${token}`, { method: "POST", body });
    expect(await response.json()).toEqual({
      token,
      type: "application/x-www-form-urlencoded;charset=UTF-8",
      isBase64Encoded: true,
      minutes: "60",
      note: "später & mehr",
    });
  });

  test("receives a POST without a body, as a button of a notification sends it", async () => {
    const response = await fetch(`${address}/snooze/${token}`, { method: "POST" });
    expect(await response.json()).toEqual({ token, isBase64Encoded: false });
  });
});

test.each([
  [
    "another payload format",
    { PayloadFormatVersion: "1.0" },
    "only AWS_PROXY integrations with payload format 2.0",
  ],
  [
    "a longer timeout than there is",
    { TimeoutInMillis: 30_001 },
    "TimeoutInMillis is 30001; expected 50..30000",
  ],
])("an integration with %s is refused", async (_name, properties, message) => {
  const Integration = {
    Type: "AWS::ApiGatewayV2::Integration",
    Properties: {
      ...integration("x")["xIntegration"]!.Properties,
      ApiId: "a",
      IntegrationUri: "arn",
      ...properties,
    },
  };
  await expect(
    startTestCloud({ services: [httpApi(0)], template: { Resources: { Integration } } }),
  ).rejects.toThrow(`Integration (AWS::ApiGatewayV2::Integration): ${message}`);
});
