import { join } from "node:path";
import type { Api } from "../api/api.ts";
import { readBody } from "../api/body.ts";
import type { Cloud } from "../cloud.ts";
import type { Service } from "../service.ts";
import { Database } from "./database.ts";
import { notJson } from "./errors.ts";
import { leadingKeysOf, type ItemRequest } from "./leading-keys.ts";
import { resourceTypes } from "./resources.ts";

const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** Amazon DynamoDB: dynalite behind the endpoint, with every call authorised on its table. */
export const dynamodb: Service = {
  name: "dynamodb",
  start: (cloud) => {
    const database = new Database(join(cloud.dataFolder, "dynamodb"));
    /** Names of the partition keys of the template's tables. */
    const keyNames = new Map<string, string>();
    return {
      apis: [api(cloud, database, keyNames)],
      resources: resourceTypes(cloud, keyNames),
      stop: () => database.close(),
    };
  },
};

const api = (cloud: Cloud, database: Database, keyNames: ReadonlyMap<string, string>): Api => ({
  signingName: "dynamodb",
  actions: "dynalite",
  protocol: "json-1.0",
  handle: async ({ body, request, response, caller }) => {
    const sent = await readBody(body, MAX_BODY_BYTES);
    const action = String(request.headers["x-amz-target"]).split(".")[1];
    for (const { table, part } of tablesOf(sent)) {
      const keyName = keyNames.get(table.split("/")[0]!);
      const keys = keyName === undefined ? [] : leadingKeysOf(part, keyName);
      cloud.access.authorise(
        caller,
        `dynamodb:${action}`,
        cloud.arn("dynamodb", `table/${table}`),
        // Without a value, the key is absent.
        keys.length > 0 ? { "dynamodb:LeadingKeys": keys } : {},
      );
    }
    const { status, headers, body: received } = await database.send(request, sent);
    response.writeHead(status, headers).end(received);
  },
});

/** A table that a request names, or the index that it reads, with the part of the request that is about it. */
interface TablePart {
  readonly table: string;
  readonly part: ItemRequest;
}

/** The tables that a request names; `*` when it names none. */
function tablesOf(body: Buffer): TablePart[] {
  let request: ItemRequest & Record<string, unknown>;
  try {
    request = JSON.parse(body.toString("utf8")) as typeof request;
  } catch {
    throw notJson();
  }
  const { TableName, IndexName, RequestItems } = request;
  if (typeof TableName === "string")
    return [
      { table: typeof IndexName === "string" ? `${TableName}/index/${IndexName}` : TableName, part: request },
    ];
  if (RequestItems && typeof RequestItems === "object")
    return Object.entries(RequestItems).map(([table, part]) => ({ table, part: { batch: part } }));
  return [{ table: "*", part: {} }];
}
