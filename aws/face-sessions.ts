import { faceSession } from "../schemas/face-session.ts";
import { defaultClient, versionedRecords } from "./dynamodb.ts";

/** Each camera's latest session of the engine `face-search`, in the table of that name. */
export const faceSessionsTable = (tableName: string, client = defaultClient) =>
  versionedRecords(faceSession, { client, tableName, key: "processorName" });
