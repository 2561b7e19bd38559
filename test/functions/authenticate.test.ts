import type { RequestListener } from "node:http";
import { beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";
import { deriveToken } from "../../core/motion/credential.ts";
import { answerForAws } from "./endpoint.ts";

const SECRET = "the master secret";
const CHALLENGES = 'Basic realm="doorstep", Bearer realm="doorstep"';

/** Responds as DynamoDB and Secrets Manager do, with one camera, and keeps the calls. */
const calls: string[] = [];
let handler: typeof import("../../functions/show-session.ts").handler;

const camera = {
  cameraId: { S: "porch" },
  streamName: { S: "stream" },
  processorName: { S: "processor" },
  keyVersion: { N: "1" },
};

beforeAll(async () => {
  const listener: RequestListener = (request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += String(chunk)));
    request.on("end", () => {
      const operation = String(request.headers["x-amz-target"]).split(".")[1]!;
      const { TableName, Key } = JSON.parse(body) as {
        TableName?: string;
        Key?: { cameraId: { S: string } };
      };
      calls.push([operation, TableName].filter(Boolean).join(" "));
      const isCamera = TableName === "cameras" && Key?.cameraId.S === "porch";
      response.writeHead(200, { "content-type": "application/x-amz-json-1.0" });
      response.end(
        JSON.stringify(
          operation === "GetSecretValue" ? { SecretString: SECRET } : isCamera ? { Item: camera } : {},
        ),
      );
    });
  };
  await answerForAws(listener, {
    CAMERAS_TABLE: "cameras",
    SESSIONS_TABLE: "sessions",
    MASTER_SECRET_ARN: "arn:aws:secretsmanager:us-east-1:000000000000:secret:master",
  });
  ({ handler } = await import("../../functions/show-session.ts"));
});
beforeEach(() => void calls.splice(0));

/** The response to a request for the session. */
const respond = (cameraId: string, headers: Record<string, string>) =>
  handler(
    { headers, pathParameters: { cameraId } } as unknown as APIGatewayProxyEventV2,
    {} as Context,
  ) as Promise<APIGatewayProxyStructuredResultV2>;

const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

test("a request without a plausible credential reads nothing", async () => {
  for (const headers of [
    {},
    { authorization: "Bearer guess" },
    { authorization: basic("yard", deriveToken(SECRET, "porch", 1)) },
    { "webhook-id": "msg_1", "webhook-timestamp": "1763700000", "webhook-signature": "v1,AAAA" },
  ])
    expect((await respond("porch", headers as Record<string, string>)).statusCode).toBe(401);
  const unknown = { authorization: `Bearer ${deriveToken(SECRET, "No Camera", 1)}` };
  expect((await respond("No Camera", unknown)).statusCode).toBe(401);
  expect(calls).toEqual([]);
});

test("a wrong credential of a plausible form costs the same reads for a known and an unknown camera", async () => {
  const authorization = `Bearer ${deriveToken("another secret", "porch", 1)}`;
  await respond("porch", { authorization });
  calls.splice(0);
  const responses = [];
  for (const cameraId of ["porch", "nowhere"]) {
    responses.push(await respond(cameraId, { authorization }));
    expect(calls.splice(0).toSorted()).toEqual(["GetItem cameras", "GetItem sessions"]);
  }
  expect(responses[0]).toEqual(responses[1]);
  expect(responses[0]!.statusCode).toBe(401);
});

test("a 401 challenges for Basic and Bearer, and no other response does", async () => {
  const challengeOf = async (authorization: string, cameraId = "porch") =>
    (await respond(cameraId, { authorization })).headers?.["www-authenticate"];
  expect(await challengeOf("Basic guess")).toBe(CHALLENGES);
  expect(await challengeOf(basic("porch", "A".repeat(43)))).toBe(CHALLENGES);
  expect(await challengeOf(basic("porch", deriveToken(SECRET, "porch", 1)))).toBeUndefined();
  expect(await challengeOf(basic("yard", deriveToken(SECRET, "yard", 1)), "yard")).toBeUndefined();
});
