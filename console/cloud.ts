import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { camerasTable } from "../aws/cameras.ts";
import { personsTable } from "../aws/persons.ts";
import { reviewsTable } from "../aws/reviews.ts";
import { sessionsTable } from "../aws/sessions.ts";
import { LakeFiles } from "../operator/lake-files.ts";
import { SharedConnections } from "../operator/shared-connections.ts";
import { stackConsoleOutputs, type StackConsoleOutputs } from "../operator/stack.ts";
import type { ConsoleContext } from "./handlers.ts";
import { LakeReader } from "./lake/reader.ts";
import { personDirectory, type Persons } from "./persons.ts";

interface CloudOptions extends ConsoleContext {
  /** Whether it is the local cloud's stack, which costs nothing to call. */
  readonly isLocal: boolean;
}

/** What the console's handlers call. */
export interface ConsoleCloud extends CloudOptions {
  readonly region: string;
  readonly outputs: StackConsoleOutputs;
  readonly s3: S3Client;
  readonly lake: LakeReader;
  readonly cameras: Pick<ReturnType<typeof camerasTable>, "find" | "list" | "change">;
  readonly sessions: Pick<ReturnType<typeof sessionsTable>, "find">;
  readonly reviews: ReturnType<typeof reviewsTable>;
  readonly persons: () => Promise<Persons>;
  /** Ends the connections of every client that is made with `config`. */
  close(): void;
}

/** @throws Error that names the stack, when it does not exist or an output is missing */
export async function openCloud(options: CloudOptions): Promise<ConsoleCloud> {
  const { stack, clock } = options;
  const connections = new SharedConnections();
  const config = { ...options.config, requestHandler: connections };
  const outputs = await stackConsoleOutputs(stack, config);
  // Path-style addresses reach every bucket at any endpoint.
  const s3 = new S3Client({ ...config, forcePathStyle: true });
  const dynamodb = new DynamoDBClient(config);
  return {
    ...options,
    config,
    region: await s3.config.region(),
    outputs,
    s3,
    lake: new LakeReader(new LakeFiles(outputs.LakeBucketName, s3, clock)),
    cameras: camerasTable(outputs.CamerasTableName, dynamodb),
    sessions: sessionsTable(outputs.SessionsTableName, dynamodb),
    reviews: reviewsTable(outputs.ReviewsTableName, dynamodb),
    persons: personDirectory(personsTable(outputs.PersonsTableName, dynamodb), clock),
    close: () => connections.close(),
  };
}
