// Starts the local cloud from the packaged service, publishes a detection as Rekognition does, and reads it back from the
// lake. Package the service first: `npm run package && node examples/local-cloud.ts`.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { AthenaClient, GetQueryResultsCommand, StartQueryExecutionCommand } from "@aws-sdk/client-athena";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { startLocalCloud } from "doorstep/local";

const artifactFolder = fileURLToPath(new URL("../.serverless", import.meta.url));
const notification = readFileSync(new URL("../events/label-detected.json", import.meta.url), "utf8");
const SQL = "SELECT camera_id, label FROM detections";

/** @returns the rows of the lake, with the columns' names first */
export async function main(): Promise<string[][]> {
  const cloud = await startLocalCloud({
    template: `${artifactFolder}/cloudformation-template-update-stack.json`,
    artifactFolder,
    // The lake shows rows since this day; the example's notification is of 2025.
    parameters: { LakeFirstDay: "2025-01-01" },
  });
  try {
    const { DetectionsTopicArn, WorkGroupName, DatabaseName } = cloud.outputs;
    const delivered = cloud.events.waitFor(({ name }) => name === "record-accepted");
    await new SNSClient(cloud.clientConfig).send(
      new PublishCommand({ TopicArn: DetectionsTopicArn, Message: notification }),
    );
    await delivered;
    // Firehose buffers for at least 60 seconds, here as on AWS; a turnable clock would do as well.
    await cloud.control("POST /_doorstep/firehose/flush");

    const athena = new AthenaClient(cloud.clientConfig);
    const { QueryExecutionId } = await athena.send(
      new StartQueryExecutionCommand({
        QueryString: SQL,
        WorkGroup: WorkGroupName,
        QueryExecutionContext: { Database: DatabaseName },
      }),
    );
    await cloud.events.waitFor(
      ({ name, detail }) => name === "query-ended" && detail["queryExecutionId"] === QueryExecutionId,
    );
    const { ResultSet } = await athena.send(new GetQueryResultsCommand({ QueryExecutionId }));
    return (ResultSet?.Rows ?? []).map(({ Data = [] }) => Data.map(({ VarCharValue = "" }) => VarCharValue));
  } finally {
    await cloud.stop();
  }
}

if (import.meta.main) console.table(await main());
