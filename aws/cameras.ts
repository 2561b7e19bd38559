import {
  DeleteItemCommand,
  GetItemCommand,
  paginateScan,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import * as v from "valibot";
import { camera, type Camera } from "../schemas/camera.ts";
import { defaultClient, fromItem, toItem, unlessConditionFails } from "./dynamodb.ts";

/** The registry of cameras, in the table of that name. */
export const camerasTable = (tableName: string, client = defaultClient) => ({
  /**
   * @param isConsistent whether the read is strongly consistent, at twice the price
   * @throws ValiError for a record that is not a camera's
   */
  async find(cameraId: string, isConsistent = false): Promise<Camera | undefined> {
    const { Item } = await client.send(
      new GetItemCommand({
        TableName: tableName,
        Key: toItem({ cameraId }),
        ...(isConsistent && { ConsistentRead: true }),
      }),
    );
    return Item && v.parse(camera, fromItem(Item));
  },

  /** All cameras, in the order of their ids. */
  async list(): Promise<Camera[]> {
    const found: Camera[] = [];
    for await (const { Items = [] } of paginateScan(
      { client },
      { TableName: tableName, ConsistentRead: true },
    ))
      found.push(...Items.map((item) => v.parse(camera, fromItem(item))));
    return found.toSorted((a, b) => (a.cameraId < b.cameraId ? -1 : 1));
  },

  /** Writes the record of a camera that has none. @returns false when it has one */
  create: (record: Camera): Promise<boolean> =>
    unlessConditionFails(() =>
      client.send(
        new PutItemCommand({
          TableName: tableName,
          Item: toItem(v.parse(camera, record)),
          ConditionExpression: "attribute_not_exists(cameraId)",
        }),
      ),
    ),

  /**
   * Writes these fields of a record and leaves the others as they are. A field that is undefined is removed.
   * @returns false when there is no record, or its key version is not `before`'s
   */
  async change(before: Camera, changes: Partial<Camera>): Promise<boolean> {
    v.parse(camera, { ...before, ...changes });
    const fields = Object.entries(changes);
    if (fields.length === 0) return true;
    const named = (isSet: boolean, write: (field: string) => string) =>
      fields.filter(([, value]) => (value !== undefined) === isSet).map(([field]) => write(field));
    const set = named(true, (field) => `#${field} = :${field}`);
    const removed = named(false, (field) => `#${field}`);
    return await unlessConditionFails(() =>
      client.send(
        new UpdateItemCommand({
          TableName: tableName,
          Key: toItem({ cameraId: before.cameraId }),
          UpdateExpression: [
            ...(set.length > 0 ? [`SET ${set.join(", ")}`] : []),
            ...(removed.length > 0 ? [`REMOVE ${removed.join(", ")}`] : []),
          ].join(" "),
          ConditionExpression: "#keyVersion = :versionBefore",
          ExpressionAttributeNames: {
            "#keyVersion": "keyVersion",
            ...Object.fromEntries(fields.map(([field]) => [`#${field}`, field])),
          },
          ExpressionAttributeValues: toItem({
            ":versionBefore": before.keyVersion,
            ...Object.fromEntries(fields.map(([field, value]) => [`:${field}`, value])),
          }),
        }),
      ),
    );
  },

  /** @returns false when there is none */
  async remove(cameraId: string): Promise<boolean> {
    const { Attributes } = await client.send(
      new DeleteItemCommand({ TableName: tableName, Key: toItem({ cameraId }), ReturnValues: "ALL_OLD" }),
    );
    return Attributes !== undefined;
  },
});
