import {
  type AttributeValue,
  DeleteItemCommand,
  GetItemCommand,
  paginateScan,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import * as v from "valibot";
import { camera, removedCamera, type Camera } from "../schemas/camera.ts";
import { defaultClient, fromItem, toItem, unlessConditionFails } from "./dynamodb.ts";

/** Read in place of a record that does not exist, so that its absence does not shorten a response. */
const DECOY = /* @__PURE__ */ toItem({
  cameraId: "unknown",
  streamName: "unknown",
  processorName: "unknown",
  keyVersion: 1,
});

/** The registry of cameras, in the table of that name. A removed camera's record keeps only its last key version. */
export const camerasTable = (tableName: string, client = defaultClient) => {
  /** @throws ValiError for a record that is not a camera's */
  const read = (item: Record<string, AttributeValue>) => {
    const parsed = fromItem(item);
    return "removed" in parsed ? v.parse(removedCamera, parsed) : v.parse(camera, parsed);
  };

  const get = async (cameraId: string, isConsistent: boolean) => {
    const { Item } = await client.send(
      new GetItemCommand({
        TableName: tableName,
        Key: toItem({ cameraId }),
        ...(isConsistent && { ConsistentRead: true }),
      }),
    );
    const found = read(Item ?? DECOY);
    return Item && found;
  };

  return {
    /**
     * @param isConsistent whether the read is strongly consistent, at twice the price
     * @throws ValiError for a record that is not a camera's
     */
    async find(cameraId: string, isConsistent = false): Promise<Camera | undefined> {
      const found = await get(cameraId, isConsistent);
      return found && "removed" in found ? undefined : found;
    },

    /** The last key version of the cameras that had this id and were removed; 0 if there was none. */
    async lastRemovedVersion(cameraId: string): Promise<number> {
      const found = await get(cameraId, true);
      return found && "removed" in found ? found.keyVersion : 0;
    },

    /** All cameras, in the order of their ids. */
    async list(): Promise<Camera[]> {
      const found: Camera[] = [];
      for await (const { Items = [] } of paginateScan(
        { client },
        { TableName: tableName, ConsistentRead: true },
      ))
        for (const item of Items) {
          const one = read(item);
          if (!("removed" in one)) found.push(one);
        }
      return found.toSorted((a, b) => (a.cameraId < b.cameraId ? -1 : 1));
    },

    /**
     * Writes the record of a camera that has none.
     * @returns false when it has one, or when a removed camera of this id had this key version or a later one
     */
    create: (added: Camera): Promise<boolean> =>
      unlessConditionFails(() =>
        client.send(
          new PutItemCommand({
            TableName: tableName,
            Item: toItem(v.parse(camera, added)),
            ConditionExpression:
              "attribute_not_exists(cameraId) OR (attribute_exists(#removed) AND #keyVersion < :keyVersion)",
            ExpressionAttributeNames: { "#removed": "removed", "#keyVersion": "keyVersion" },
            ExpressionAttributeValues: toItem({ ":keyVersion": added.keyVersion }),
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

    /**
     * Removes a camera and keeps the version of its key.
     * @returns false when there is none
     */
    async remove(cameraId: string): Promise<boolean> {
      for (;;) {
        const found = await get(cameraId, true);
        if (!found || "removed" in found) return false;
        const { keyVersion } = found;
        const isRemoved = await unlessConditionFails(() =>
          client.send(
            new PutItemCommand({
              TableName: tableName,
              Item: toItem({ cameraId, removed: true, keyVersion } satisfies v.InferInput<
                typeof removedCamera
              >),
              ConditionExpression: "#keyVersion = :keyVersion AND attribute_not_exists(#removed)",
              ExpressionAttributeNames: { "#removed": "removed", "#keyVersion": "keyVersion" },
              ExpressionAttributeValues: toItem({ ":keyVersion": keyVersion }),
            }),
          ),
        );
        // Otherwise its key was rotated or it was removed meanwhile.
        if (isRemoved) return true;
      }
    },

    /** Deletes the record of an id that is never used again. @returns false when there is none */
    async forget(cameraId: string): Promise<boolean> {
      const { Attributes } = await client.send(
        new DeleteItemCommand({ TableName: tableName, Key: toItem({ cameraId }), ReturnValues: "ALL_OLD" }),
      );
      return Attributes !== undefined;
    },
  };
};
