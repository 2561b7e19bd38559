import {
  CreateTableCommand,
  DynamoDBClient,
  waitUntilTableExists,
  type CreateTableCommandInput,
} from "@aws-sdk/client-dynamodb";
import { ignoreError } from "../../base/errors.ts";
import type { Cloud } from "../cloud.ts";
import { optionalText } from "../template/properties.ts";
import type { ResourceType } from "../template/resource.ts";

/** How a table is waited for, in seconds: dynalite has it active a moment after it was created. */
const UNTIL_ACTIVE = { minDelay: 0.01, maxDelay: 1, maxWaitTime: 60 };

/** @param keyNames gets the name of each table's partition key */
export const resourceTypes = (cloud: Cloud, keyNames: Map<string, string>): Record<string, ResourceType> => ({
  "AWS::DynamoDB::Table": {
    // Expired items are never deleted here. DynamoDB deletes them "within a few days" (documented), so readers have to
    // check the time in either case.
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
      const client = cloud.client(DynamoDBClient, cloud.owner);
      await client
        .send(new CreateTableCommand(input))
        .catch((error: unknown) => ignoreError(error, "ResourceInUseException", undefined));
      await waitUntilTableExists({ client, ...UNTIL_ACTIVE }, { TableName: name });
      const key = input.KeySchema?.find(({ KeyType }) => KeyType === "HASH");
      if (key?.AttributeName !== undefined) keyNames.set(name, key.AttributeName);
      return { ref: name, attributes: { Arn: cloud.arn("dynamodb", `table/${name}`) } };
    },
  },
});
