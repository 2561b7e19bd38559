import {
  BatchGetItemCommand,
  DeleteItemCommand,
  paginateScan,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { batchesOf } from "./batches.ts";
import { defaultClient, fromItem, toItem } from "./dynamodb.ts";
import { DAY_MS } from "../base/durations.ts";

/** How long a mark is kept. */
const KEPT_MS = 366 * DAY_MS;
/** The most keys of a call (documented: BatchGetItem). */
const MAX_KEYS = 100;
const MAX_ROUNDS = 20;

/** Which chains were reviewed, in the table of that name. */
export const reviewsTable = (tableName: string, client = defaultClient) => ({
  /** Marks a chain as reviewed. */
  async add(chainId: string, reviewedAtMs: number): Promise<void> {
    const expiresAt = Math.ceil((reviewedAtMs + KEPT_MS) / 1000);
    await client.send(
      new PutItemCommand({ TableName: tableName, Item: toItem({ chainId, reviewedAtMs, expiresAt }) }),
    );
  },

  /** Takes a chain's mark away. */
  async remove(chainId: string): Promise<void> {
    await client.send(new DeleteItemCommand({ TableName: tableName, Key: toItem({ chainId }) }));
  },

  /** All chains that were reviewed. */
  async list(): Promise<Set<string>> {
    const found = new Set<string>();
    const request = { TableName: tableName, ProjectionExpression: "chainId" };
    for await (const { Items = [] } of paginateScan({ client }, request))
      for (const item of Items) found.add(String(fromItem(item)["chainId"]));
    return found;
  },

  /**
   * Those of the chains that were reviewed.
   * @throws the client's error, or Error when DynamoDB keeps returning keys as unprocessed
   */
  async among(chainIds: readonly string[]): Promise<Set<string>> {
    const found = new Set<string>();
    const unique = [...new Set(chainIds)].map((entry) => ({ entry, bytes: 0 }));
    for (const batch of batchesOf(unique, { entries: MAX_KEYS, bytes: 1 })) {
      let Keys = batch.map((chainId) => toItem({ chainId }));
      for (let round = 0; Keys.length > 0; round++) {
        if (round === MAX_ROUNDS)
          throw new Error(`the table ${tableName} does not return ${Keys.length} keys`);
        const { Responses, UnprocessedKeys } = await client.send(
          new BatchGetItemCommand({
            RequestItems: { [tableName]: { Keys, ProjectionExpression: "chainId" } },
          }),
        );
        for (const item of Responses?.[tableName] ?? []) found.add(String(fromItem(item)["chainId"]));
        Keys = UnprocessedKeys?.[tableName]?.Keys ?? [];
      }
    }
    return found;
  },
});
