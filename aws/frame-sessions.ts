import { frameSession } from "../schemas/frame-session.ts";
import { defaultClient, versionedRecords } from "./dynamodb.ts";

/** Each camera's latest session of the engine `frames`, in the table of that name. */
export const frameSessionsTable = (tableName: string, client = defaultClient) =>
  versionedRecords(frameSession, { client, tableName, key: "processorName" });
