import { DescribeStacksCommand, type CloudFormationClient } from "@aws-sdk/client-cloudformation";
import * as v from "valibot";

/** The outputs of the stack that tools work with. */
const outputs = v.object({
  MotionApiUrl: v.string(),
  CamerasTableName: v.string(),
  SessionsTableName: v.string(),
  MasterSecretArn: v.string(),
  DetectionsTopicArn: v.string(),
  EvidenceBucketName: v.string(),
  RekognitionRoleArn: v.string(),
  CameraPrefix: v.string(),
  LakeBucketName: v.string(),
  DatabaseName: v.string(),
  WorkGroupName: v.string(),
});

/** The further outputs that `doorstep redrive` works with. */
const redriveOutputs = v.object({
  LakeBucketName: v.string(),
  DetectionsDeliveryStreamName: v.string(),
  SessionsDeliveryStreamName: v.string(),
  UndeliveredQueueUrl: v.string(),
  UndeliveredDetectionsQueueUrl: v.string(),
  UndeliveredSessionsQueueUrl: v.string(),
  UnwokenQueueUrl: v.string(),
  UnstoppedQueueUrl: v.string(),
  MissedSchedulesQueueUrl: v.string(),
  WakeQueueUrl: v.string(),
  StopQueueUrl: v.string(),
  CloseSessionFunctionName: v.string(),
  WakeSessionsFunctionName: v.string(),
});

export type RedriveOutputs = v.InferOutput<typeof redriveOutputs>;

export type StackOutputs = v.InferOutput<typeof outputs>;

/** @throws ValiError naming an output that the stack has not */
export const stackOutputs = (stackName: string, client: CloudFormationClient): Promise<StackOutputs> =>
  readOutputs(stackName, client, outputs);

/** @throws ValiError naming an output that the stack has not */
export const stackRedriveOutputs = (
  stackName: string,
  client: CloudFormationClient,
): Promise<RedriveOutputs> => readOutputs(stackName, client, redriveOutputs);

async function readOutputs<S extends v.GenericSchema>(
  stackName: string,
  client: CloudFormationClient,
  schema: S,
): Promise<v.InferOutput<S>> {
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stackName }));
  const found = Stacks?.[0]?.Outputs ?? [];
  return v.parse(
    schema,
    Object.fromEntries(found.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue])),
  );
}
