import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { expect, test } from "@jest/globals";
import { dynamodb } from "../../local/dynamodb/index.ts";
import { startTestCloud } from "./cloud.ts";
import { thingsTable } from "./template-parts.ts";

const WRITES = 50;

test("stop waits for the writes in progress", async () => {
  const local = await startTestCloud({
    services: [dynamodb],
    template: {
      Resources: {
        Table: thingsTable,
      },
    },
  });
  const client = local.client(DynamoDBClient);
  const put = (id: string) =>
    client.send(new PutItemCommand({ TableName: "things", Item: { id: { S: id } } }));
  await put("first");
  const writes = Array.from({ length: WRITES }, (_, index) => put(String(index)));
  // When one of them has a response, the others are in progress.
  await Promise.race(writes);
  await expect(local.stop()).resolves.toBeUndefined();
  client.destroy();
  await Promise.allSettled(writes);
});
