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

export type StackOutputs = v.InferOutput<typeof outputs>;

/** @throws ValiError naming an output that the stack has not */
export async function stackOutputs(stackName: string, client: CloudFormationClient): Promise<StackOutputs> {
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stackName }));
  const found = Stacks?.[0]?.Outputs ?? [];
  return v.parse(
    outputs,
    Object.fromEntries(found.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue])),
  );
}
