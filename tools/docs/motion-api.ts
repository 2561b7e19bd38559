import { readFileSync } from "node:fs";
import { toJsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";
import { cameraId } from "../../schemas/camera-id.ts";
import { motionStart, motionStop } from "../../schemas/motion.ts";
import { PROBLEMS, type ProblemType } from "../../schemas/problem.ts";
import { sessionResponse } from "../../schemas/session-response.ts";

type Json = Readonly<Record<string, unknown>>;

const SIGNATURE_ABOUT =
  "Standard Webhooks: the headers webhook-id, webhook-timestamp and webhook-signature, signed with the camera's secret.";

/** A schema as JSON Schema. Rules that JSON Schema cannot express, such as times of the last day, are left out. */
function jsonSchema(schema: v.GenericSchema): Json {
  const { $schema: _, ...rest } = toJsonSchema(schema, { typeMode: "input", errorMode: "ignore" });
  return rest;
}

const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: Json): Json => ({ "application/json": { schema } });

/** The problems that every address may return. */
const COMMON: readonly ProblemType[] = [
  "unauthorized",
  "unknown-camera",
  "body-too-large",
  "too-many-requests",
  "internal",
];
const BODY: readonly ProblemType[] = ["not-json", "wrong-format", "invalid-motion"];

/** API Gateway's own responses, beside the functions'. */
const GATEWAY: Readonly<Record<number, string>> = {
  404: "API Gateway has no such route",
  413: "The request is over API Gateway's 10 MB, or over Lambda's 6 MB as base64",
  429: "The stage's or the account's limit is reached",
  500: "The function failed or timed out",
  503: "The function failed or timed out",
};

const HEADERS: Readonly<Record<number, Json>> = {
  401: { "WWW-Authenticate": { description: "The Basic and Bearer challenges", schema: { type: "string" } } },
  429: { "Retry-After": { description: "Seconds", schema: { type: "string" } } },
  503: { "Retry-After": { description: "Seconds", schema: { type: "string" } } },
};

const session = (description: string): Json => ({ description, content: json(ref("Session")) });

/** The refusal of a status, which may stand for several problems. */
function refusal(status: number, types: readonly ProblemType[]): Json {
  const titles = types.map((type) => `${PROBLEMS[type].title} (\`/problems/${type}\`)`);
  const gateway = GATEWAY[status];
  const type = { enum: types.map((one) => `/problems/${one}`) };
  return {
    description: [...titles, ...(gateway ? [gateway] : [])].join("; "),
    ...(HEADERS[status] && { headers: HEADERS[status] }),
    content: {
      "application/problem+json": {
        schema: { allOf: [ref("Problem"), { properties: { type, status: { const: status } } }] },
      },
      ...(gateway && json(ref("GatewayError"))),
    },
  };
}

const statusOf = (type: ProblemType): number => PROBLEMS[type].status;

/** Every refusal, by its name in `components`. */
const refusals = (): Json =>
  Object.fromEntries(
    Object.entries(Object.groupBy(Object.keys(PROBLEMS) as ProblemType[], statusOf)).map(
      ([status, types = []]) => [`Refused${status}`, refusal(Number(status), types)],
    ),
  );

const responses = (good: Readonly<Record<number, Json>>, problems: readonly ProblemType[]): Json => ({
  ...good,
  ...Object.fromEntries(
    problems.map((type) => [statusOf(type), { $ref: `#/components/responses/Refused${statusOf(type)}` }]),
  ),
});

const opaque = (description: string): Json => ({ schema: { type: "string", description } });

const requestBody = (name: string): Json => ({
  required: false,
  description:
    "Optional. A camera of the motion format `standard` sends JSON of this schema; cameras of another format send what docs/motion-api.md lists for it.",
  content: {
    ...json(ref(name)),
    "application/xml": opaque("A notification of the formats `hikvision` and `onvif`"),
    "text/plain": opaque("A notification of the format `dahua`"),
  },
});

const START = responses(
  {
    200: session("A session runs already, motion is not analysed now, motion ended, or there is none"),
    202: session("A session start was requested"),
  },
  [...COMMON, ...BODY, "start-refused"],
);
const STOP = responses({ 200: session("The running session, or the last one") }, [...COMMON, ...BODY]);
const SHOW = responses({ 200: session("The current or last session") }, COMMON);

const operation = (operationId: string, summary: string, all: Json, body?: string): Json => ({
  operationId,
  summary,
  ...(body !== undefined && { requestBody: requestBody(body) }),
  responses: all,
});

const path = (operations: Json): Json => ({
  parameters: [{ name: "cameraId", in: "path", required: true, schema: jsonSchema(cameraId) }],
  ...operations,
});

const { version, license } = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
) as { version: string; license: string };

/** The motion API in OpenAPI 3.1, from the schemas that its functions use. */
export const motionApi = (): Json => ({
  openapi: "3.1.0",
  info: {
    title: "Doorstep motion API",
    version,
    description: "How cameras report motion. Generated by `npm run docs`; docs/motion-api.md explains it.",
    license: { name: license, identifier: license },
  },
  servers: [
    {
      url: "https://{api}.execute-api.{region}.amazonaws.com",
      variables: { api: { default: "example" }, region: { default: "us-east-1" } },
    },
  ],
  security: [{ bearer: [] }, { basic: [] }, { signature: [] }, { token: [] }],
  paths: {
    "/cameras/{cameraId}/motion/start": path({
      post: operation(
        "startMotion",
        "Report that motion began, or send a notification of the camera's format",
        START,
        "MotionStart",
      ),
      get: operation("startMotionNow", "Report that motion began now", START),
    }),
    "/cameras/{cameraId}/motion/stop": path({
      post: operation("stopMotion", "Report that motion ended", STOP, "MotionStop"),
      get: operation("stopMotionNow", "Report that motion ended now", STOP),
    }),
    "/cameras/{cameraId}/session": path({ get: operation("showSession", "Get the camera's session", SHOW) }),
  },
  components: {
    securitySchemes: {
      bearer: { type: "http", scheme: "bearer", description: "The camera's token" },
      basic: { type: "http", scheme: "basic", description: "The camera's id and its token" },
      signature: { type: "apiKey", in: "header", name: "webhook-signature", description: SIGNATURE_ABOUT },
      token: {
        type: "apiKey",
        in: "query",
        name: "token",
        description: "The camera's token; addresses end up in logs",
      },
    },
    responses: refusals(),
    schemas: {
      MotionStart: jsonSchema(motionStart),
      MotionStop: jsonSchema(motionStop),
      Session: jsonSchema(sessionResponse),
      Problem: {
        description: "Problem details (RFC 9457)",
        type: "object",
        properties: {
          type: { type: "string" },
          title: { type: "string" },
          status: { type: "integer" },
          detail: { type: "string" },
        },
        required: ["type", "title", "status", "detail"],
      },
      GatewayError: {
        type: "object",
        properties: { message: { type: ["string", "null"] } },
        required: ["message"],
      },
    },
  },
});
