import { join } from "node:path";
import { CreateTableCommand, DynamoDBClient, type CreateTableCommandInput } from "@aws-sdk/client-dynamodb";
import type { Api } from "../api/api.ts";
import { readBody } from "../api/body.ts";
import type { Cloud } from "../cloud.ts";
import type { Service } from "../service.ts";
import { AwsError } from "../errors.ts";
import type { ResourceType } from "../template/resource.ts";
import { optionalText } from "../template/properties.ts";
import { Database } from "./database.ts";

const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** Amazon DynamoDB: dynalite behind the endpoint, with every call authorised on its table. */
export const dynamodb: Service = {
  name: "dynamodb",
  start: async (cloud) => {
    const database = await Database.open(join(cloud.dataFolder, "dynamodb"));
    return {
      apis: [api(cloud, database)],
      resources: { "AWS::DynamoDB::Table": table(cloud) },
      stop: () => database.close(),
    };
  },
};

const api = (cloud: Cloud, database: Database): Api => ({
  signingName: "dynamodb",
  protocol: "json-1.0",
  handle: async (call) => {
    const body = await readBody(call.body, MAX_BODY_BYTES);
    const name = String(call.request.headers["x-amz-target"]).split(".")[1];
    for (const resource of tablesOf(body).map((name) => cloud.arn("dynamodb", `table/${name}`)))
      cloud.access.authorise(call.caller, `dynamodb:${name}`, resource);
    const answer = await database.ask(call.request, body);
    call.response.writeHead(answer.status, answer.headers).end(answer.body);
  },
});

/** The tables that a request names, or the index that it reads; `*` for those that name none. */
function tablesOf(body: Buffer): string[] {
  try {
    const { TableName, IndexName, RequestItems } = JSON.parse(body.toString("utf8")) as Record<
      string,
      unknown
    >;
    if (typeof TableName === "string" && typeof IndexName === "string")
      return [`${TableName}/index/${IndexName}`];
    if (typeof TableName === "string") return [TableName];
    if (RequestItems && typeof RequestItems === "object") return Object.keys(RequestItems);
    return ["*"];
  } catch {
    throw new AwsError("SerializationException", "the request body is not JSON");
  }
}

const table = (cloud: Cloud): ResourceType => ({
  // DynamoDB deletes expired items "within a few days" (documented), so readers compare the time themselves here as there.
  properties: [
    "TableName",
    "AttributeDefinitions",
    "KeySchema",
    "GlobalSecondaryIndexes",
    "BillingMode",
    "TimeToLiveSpecification",
    "PointInTimeRecoverySpecification",
    "SSESpecification",
    "DeletionProtectionEnabled",
    "Tags",
  ],
  create: async ({ properties, generatedName }) => {
    const name = optionalText(properties, "TableName") ?? generatedName;
    const input = {
      TableName: name,
      AttributeDefinitions: properties["AttributeDefinitions"],
      KeySchema: properties["KeySchema"],
      GlobalSecondaryIndexes: properties["GlobalSecondaryIndexes"],
      BillingMode: "PAY_PER_REQUEST",
    } as CreateTableCommandInput;
    await cloud
      .client(DynamoDBClient, cloud.owner)
      .send(new CreateTableCommand(input))
      .catch((error: Error) => {
        if (error.name !== "ResourceInUseException") throw error;
      });
    return { ref: name, attributes: { Arn: cloud.arn("dynamodb", `table/${name}`) } };
  },
});
