import { join } from "node:path";
import type { Api } from "../api/api.ts";
import { readBody } from "../api/body.ts";
import type { Cloud } from "../cloud.ts";
import type { Service } from "../service.ts";
import { Database } from "./database.ts";
import { notJson } from "./errors.ts";
import { resourceTypes } from "./resources.ts";

const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** Amazon DynamoDB: dynalite behind the endpoint, with every call authorised on its table. */
export const dynamodb: Service = {
  name: "dynamodb",
  start: async (cloud) => {
    const database = await Database.open(join(cloud.dataFolder, "dynamodb"));
    return {
      apis: [api(cloud, database)],
      resources: resourceTypes(cloud),
      stop: () => database.close(),
    };
  },
};

const api = (cloud: Cloud, database: Database): Api => ({
  signingName: "dynamodb",
  actions: "dynalite",
  protocol: "json-1.0",
  handle: async ({ body, request, response, caller }) => {
    const sent = await readBody(body, MAX_BODY_BYTES);
    const action = String(request.headers["x-amz-target"]).split(".")[1];
    for (const table of tablesOf(sent))
      cloud.access.authorise(caller, `dynamodb:${action}`, cloud.arn("dynamodb", `table/${table}`));
    const { status, headers, body: received } = await database.send(request, sent);
    response.writeHead(status, headers).end(received);
  },
});

/** The tables that a request names, or the index that it reads; `*` when it names none. */
function tablesOf(body: Buffer): string[] {
  let request: Record<string, unknown>;
  try {
    request = JSON.parse(body.toString("utf8")) as Record<string, unknown>;
  } catch {
    throw notJson();
  }
  const { TableName, IndexName, RequestItems } = request;
  if (typeof TableName === "string")
    return [typeof IndexName === "string" ? `${TableName}/index/${IndexName}` : TableName];
  if (RequestItems && typeof RequestItems === "object") return Object.keys(RequestItems);
  return ["*"];
}
