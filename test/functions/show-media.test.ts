import type { RequestListener } from "node:http";
import { beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";
import { linkKey } from "../../core/alerts/keys.ts";
import { mediaToken } from "../../core/alerts/links.ts";
import { answerForAws } from "./endpoint.ts";

const SECRET = "the alerts' secret";
const OBJECT = { cameraId: "porch", objectKey: "evidence/porch/1.jpg", expiresAtMs: 4_000_000_000_000 };

/** Responds as Secrets Manager does, and as S3 does with this status, and keeps the calls. */
const calls: string[] = [];
let status = 200;
let handler: typeof import("../../functions/show-media.ts").handler;

beforeAll(async () => {
  const listener: RequestListener = (request, response) => {
    const target = request.headers["x-amz-target"]?.toString().split(".")[1];
    calls.push(target ?? `${request.method} ${request.url}`);
    request
      .resume()
      .on("end", () =>
        target === undefined
          ? response.writeHead(status).end()
          : response
              .writeHead(200, { "content-type": "application/x-amz-json-1.1" })
              .end(JSON.stringify({ SecretString: SECRET })),
      );
  };
  await answerForAws(listener, { ALERT_SECRET_ARN: "arn:of:the:secret", EVIDENCE_BUCKET: "evidence-bucket" });
  ({ handler } = await import("../../functions/show-media.ts"));
});
beforeEach(() => void calls.splice(0));

/** The response to a request for the picture. */
const respond = (token: string) =>
  handler(
    { headers: {}, pathParameters: { token } } as unknown as APIGatewayProxyEventV2,
    {} as Context,
  ) as Promise<APIGatewayProxyStructuredResultV2>;

const token = mediaToken(linkKey(SECRET), OBJECT);

test("text that can be no token reads nothing, and a forged token the secret alone, once", async () => {
  for (const text of ["", "guess", "a.b", `${token}.`, "A".repeat(10_000), `${"A".repeat(2000)}${token}`])
    expect((await respond(text)).statusCode).toBe(404);
  expect(calls).toEqual([]);
  const forged = mediaToken(linkKey("another secret"), OBJECT);
  for (let attempt = 0; attempt < 3; attempt++) expect((await respond(forged)).statusCode).toBe(404);
  expect(calls).toEqual(["GetSecretValue"]);
});

test("a picture is looked for before the redirect, which signs without a call", async () => {
  status = 200;
  expect((await respond(token)).statusCode).toBe(302);
  expect(calls).toEqual(["HEAD /evidence-bucket/evidence/porch/1.jpg"]);
});

test.each([404, 403])("a picture is gone when S3 responds with %i", async (given) => {
  status = given;
  const { statusCode, body = "", headers } = await respond(token);
  expect([statusCode, (JSON.parse(body) as { type: string }).type]).toEqual([404, "/problems/picture-gone"]);
  expect(headers).toMatchObject({ "cache-control": "no-store", "referrer-policy": "no-referrer" });
});

test("a fault is a problem without its details", async () => {
  status = 400;
  const { statusCode, body = "" } = await respond(token);
  expect([statusCode, (JSON.parse(body) as { detail: string }).detail]).toEqual([
    500,
    "see the function's log",
  ]);
});
