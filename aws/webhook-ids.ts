import { DeleteItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { defaultClient, toItem, unlessConditionFails } from "./dynamodb.ts";

const MILLISECONDS_PER_SECOND = 1000;

/** The webhooks that were acted on, in the table of that name, so that none acts twice. */
export const webhookIdsTable = (tableName: string, client = defaultClient) => ({
  /**
   * Remembers a webhook until it would be refused as stale anyway.
   * @returns false when it was acted on before
   */
  async remember(webhookId: string, nowMs: number, keepMs: number): Promise<boolean> {
    const nowS = Math.floor(nowMs / MILLISECONDS_PER_SECOND);
    const expiresAtS = Math.ceil((nowMs + keepMs) / MILLISECONDS_PER_SECOND);
    return await unlessConditionFails(() =>
      client.send(
        new PutItemCommand({
          TableName: tableName,
          Item: toItem({ webhookId, expiresAtS }),
          // DynamoDB deletes expired items within days, not at once (documented), so the time is compared here.
          ConditionExpression: "attribute_not_exists(webhookId) OR expiresAtS < :nowS",
          ExpressionAttributeValues: toItem({ ":nowS": nowS }),
        }),
      ),
    );
  },

  /** Forgets a webhook that could not be acted on, so that its sender may try again. */
  async forget(webhookId: string): Promise<void> {
    await client.send(new DeleteItemCommand({ TableName: tableName, Key: toItem({ webhookId }) }));
  },
});
