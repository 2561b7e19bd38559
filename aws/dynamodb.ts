import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";

/** The one client of the tables. */
export const client = new DynamoDBClient({});

export const toItem = (record: Readonly<Record<string, unknown>>) =>
  marshall(record, { removeUndefinedValues: true });

export const fromItem = unmarshall;
