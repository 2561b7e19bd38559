import { CreateTableCommand, DynamoDBClient, type CreateTableCommandInput } from "@aws-sdk/client-dynamodb";
import { ignoreError } from "../../base/errors.ts";
import type { Cloud } from "../cloud.ts";
import { optionalText } from "../template/properties.ts";
import type { ResourceType } from "../template/resource.ts";

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
      await cloud
        .client(DynamoDBClient, cloud.owner)
        .send(new CreateTableCommand(input))
        .catch((error: unknown) => ignoreError(error, "ResourceInUseException", undefined));
      const key = input.KeySchema?.find(({ KeyType }) => KeyType === "HASH");
      if (key?.AttributeName !== undefined) keyNames.set(name, key.AttributeName);
      return { ref: name, attributes: { Arn: cloud.arn("dynamodb", `table/${name}`) } };
    },
  },
});
