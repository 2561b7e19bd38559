import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import * as v from "valibot";
import { session, type Session } from "../schemas/session.ts";
import { defaultClient, fromItem, toItem } from "./dynamodb.ts";

/** Each camera's current session, in the table of that name. A record moves only by conditional writes. */
export const sessionsTable = (tableName: string, client = defaultClient) => {
  const putIf = async (
    record: Session,
    condition: string,
    expected: { attemptId: string; state: string } | undefined,
  ): Promise<boolean> => {
    try {
      await client.send(
        new PutItemCommand({
          TableName: tableName,
          Item: toItem(v.parse(session, record)),
          ConditionExpression: condition,
          ...(expected && {
            ExpressionAttributeNames: { "#state": "state" },
            ExpressionAttributeValues: toItem({ ":attemptId": expected.attemptId, ":state": expected.state }),
          }),
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  };

  const isStill = "attemptId = :attemptId AND #state = :state";

  return {
    /** The camera's current or last session, strongly consistent. */
    async find(cameraId: string): Promise<Session | undefined> {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: tableName, Key: toItem({ cameraId }), ConsistentRead: true }),
      );
      return Item && v.parse(session, fromItem(Item));
    },

    /**
     * Puts a new session in the place of exactly the one that was read.
     * @returns false when another got there first
     */
    async claim(next: Session, replaces: Session | undefined): Promise<boolean> {
      return await putIf(
        next,
        replaces ? isStill : "attribute_not_exists(cameraId)",
        replaces && { attemptId: replaces.attemptId, state: replaces.state },
      );
    },

    /**
     * Writes the next state of a session, unless its record has moved on.
     * @returns false when the record is no longer in the state `from` of the same attempt
     */
    async move(next: Session, from: Session["state"]): Promise<boolean> {
      return await putIf(next, isStill, { attemptId: next.attemptId, state: from });
    },

    /** Forgets the camera's session: for a camera that is removed. */
    async remove(cameraId: string): Promise<void> {
      await client.send(new DeleteItemCommand({ TableName: tableName, Key: toItem({ cameraId }) }));
    },
  };
};
