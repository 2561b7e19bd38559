import { DeleteItemCommand, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import * as v from "valibot";
import { camera, type Camera, type CameraInput } from "../schemas/camera.ts";
import { defaultClient, fromItem, toItem } from "./dynamodb.ts";

/** The registry of cameras, in the table of that name. */
export const camerasTable = (tableName: string, client = defaultClient) => ({
  /** @throws ValiError for a record that is no camera's */
  async find(cameraId: string): Promise<Camera | undefined> {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: tableName, Key: toItem({ cameraId }) }),
    );
    return Item && v.parse(camera, fromItem(Item));
  },

  /** Writes the camera's record over the one that there may be. @returns it with its defaults */
  async register(record: CameraInput): Promise<Camera> {
    const registered = v.parse(camera, record);
    await client.send(new PutItemCommand({ TableName: tableName, Item: toItem(registered) }));
    return registered;
  },

  async remove(cameraId: string): Promise<void> {
    await client.send(new DeleteItemCommand({ TableName: tableName, Key: toItem({ cameraId }) }));
  },
});
