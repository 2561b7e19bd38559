import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { expect, test } from "@jest/globals";
import { dynamodb } from "../../local/dynamodb/index.ts";
import { startTestCloud } from "./cloud.ts";

const WRITES = 50;

test("a stop waits for the writes that are under way", async () => {
  const local = await startTestCloud({
    services: [dynamodb],
    template: {
      Resources: {
        Table: {
          Type: "AWS::DynamoDB::Table",
          Properties: {
            TableName: "things",
            AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
            KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
          },
        },
      },
    },
  });
  const client = local.client(DynamoDBClient);
  const put = (id: string) =>
    client.send(new PutItemCommand({ TableName: "things", Item: { id: { S: id } } }));
  await put("first");
  const writes = Array.from({ length: WRITES }, (_, index) => put(String(index)));
  // The rest is in the database's hands when one of them is answered.
  await Promise.race(writes);
  await expect(local.stop()).resolves.toBeUndefined();
  client.destroy();
  await Promise.allSettled(writes);
});
