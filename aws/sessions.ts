import {
  DeleteItemCommand,
  GetItemCommand,
  QueryCommand,
  type QueryCommandOutput,
} from "@aws-sdk/client-dynamodb";
import * as v from "valibot";
import { session, WAKE_SHARDS, type Session } from "../schemas/session.ts";
import { defaultClient, fromItem, putNextVersion, toItem } from "./dynamodb.ts";

/** The index of the records that have a wake-up, in the order in which they are due. */
const DUE_INDEX = "due";
const MAX_PAGES = 50;
const PAGE_SIZE = 1000;

/** Read in place of a record that does not exist, so that its absence does not shorten a response. */
const DECOY = /* @__PURE__ */ toItem({
  cameraId: "unknown",
  version: 1,
  state: "idle",
  wanted: [],
  accounted: [],
  stopsMs: [],
  pastSessionIds: [],
  outbox: [],
});

/** Each camera's motion and session, in the table of that name. A record changes only by conditional writes. */
export const sessionsTable = (tableName: string, client = defaultClient) => ({
  /** The camera's record, strongly consistent. */
  async find(cameraId: string): Promise<Session | undefined> {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: tableName, Key: toItem({ cameraId }), ConsistentRead: true }),
    );
    const { wakeShard: _, ...record } = fromItem(Item ?? DECOY);
    const found = v.parse(session, record);
    return Item && found;
  },

  /**
   * Replaces exactly the version before.
   * @returns false when another writer was faster
   */
  async put(record: Session): Promise<boolean> {
    const { cameraId, wakeAtMs } = v.parse(session, record);
    // Without its shard a record is not in the index.
    const wakeShard = wakeAtMs === undefined ? undefined : shardOf(cameraId);
    return await putNextVersion({ ...record, wakeShard }, { client, tableName, key: "cameraId" });
  },

  /** Deletes the record of a camera that is removed. */
  async remove(cameraId: string): Promise<void> {
    await client.send(new DeleteItemCommand({ TableName: tableName, Key: toItem({ cameraId }) }));
  },

  /** Pages of the cameras of a shard whose records are due, the longest overdue first; the next run finds the rest. */
  async *due(shard: string, nowMs: number, pageSize = PAGE_SIZE): AsyncGenerator<string[]> {
    let start: QueryCommandOutput["LastEvaluatedKey"];
    for (let pages = 0; pages < MAX_PAGES; pages++) {
      const page: QueryCommandOutput = await client.send(
        new QueryCommand({
          TableName: tableName,
          IndexName: DUE_INDEX,
          KeyConditionExpression: "wakeShard = :shard AND wakeAtMs <= :nowMs",
          ExpressionAttributeValues: toItem({ ":shard": shard, ":nowMs": nowMs }),
          Limit: pageSize,
          ExclusiveStartKey: start,
        }),
      );
      const { Items = [], LastEvaluatedKey } = page;
      yield Items.map((item) => String(fromItem(item)["cameraId"]));
      if (!LastEvaluatedKey) return;
      start = LastEvaluatedKey;
    }
  },
});

const shardOf = (cameraId: string): string => {
  let hash = 0;
  for (const character of cameraId) hash = (hash * 31 + character.charCodeAt(0)) >>> 0;
  return WAKE_SHARDS[hash % WAKE_SHARDS.length]!;
};
