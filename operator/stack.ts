import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import * as v from "valibot";
import { isNamed } from "../base/errors.ts";
import type { ClientConfig } from "./client-config.ts";

/** The stack outputs that the commands need. */
const outputs = v.object({
  MotionApiUrl: v.string(),
  CamerasTableName: v.string(),
  SessionsTableName: v.string(),
  FrameSessionsTableName: v.string(),
  AlertsTableName: v.string(),
  SampleQueueUrl: v.string(),
  FaceSessionsTableName: v.string(),
  FaceQueueUrl: v.string(),
  FaceCheckQueueUrl: v.string(),
  FaceSearchRoleArn: v.string(),
  RecordFacesFunctionName: v.string(),
  UnrecordedQueueArn: v.string(),
  UnrecordedQueueUrl: v.string(),
  PersonsTableName: v.string(),
  FacesDeliveryStreamName: v.string(),
  FacesCollectionId: v.string(),
  FaceMatchThreshold: v.string(),
  MasterSecretArn: v.string(),
  DetectionsTopicArn: v.string(),
  EvidenceBucketName: v.string(),
  RekognitionRoleArn: v.string(),
  CameraPrefix: v.string(),
  LakeBucketName: v.string(),
  /** `yyyy-MM-dd`; rows of earlier days are not found. */
  LakeFirstDay: v.string(),
  DatabaseName: v.string(),
  WorkGroupName: v.string(),
  /** How many calls of DetectLabels a second the engine `frames` makes at most. */
  DetectLabelsPerSecond: v.string(),
});

/** The stack outputs that `doorstep redrive` needs. */
const redriveOutputs = v.object({
  CameraPrefix: v.string(),
  LakeBucketName: v.string(),
  DetectionsDeliveryStreamName: v.string(),
  SessionsDeliveryStreamName: v.string(),
  AlertsDeliveryStreamName: v.string(),
  FacesDeliveryStreamName: v.string(),
  UndeliveredQueueUrl: v.string(),
  UndeliveredDetectionsQueueUrl: v.string(),
  UndeliveredSessionsQueueUrl: v.string(),
  UnwokenQueueUrl: v.string(),
  UnstoppedQueueUrl: v.string(),
  UnsampledQueueUrl: v.string(),
  UncheckedQueueUrl: v.string(),
  UnsearchedQueueUrl: v.string(),
  UnrecordedQueueUrl: v.string(),
  UnraisedQueueUrl: v.string(),
  UnsentQueueUrl: v.string(),
  MissedSchedulesQueueUrl: v.string(),
  WakeQueueUrl: v.string(),
  StopQueueUrl: v.string(),
  FaceCheckQueueUrl: v.string(),
  SampleQueueUrl: v.string(),
  FaceQueueUrl: v.string(),
  AlertQueueUrl: v.string(),
  AlertDeliveryQueueUrl: v.string(),
  CloseSessionFunctionName: v.string(),
  RecordFacesFunctionName: v.string(),
  WakeSessionsFunctionName: v.string(),
  MissedSweepsQueueUrl: v.string(),
  SweepFacesFunctionName: v.string(),
});

/** The stack outputs that `doorstep alert` needs. */
const alertOutputs = v.object({
  CamerasTableName: v.string(),
  PersonsTableName: v.string(),
  AlertSettingsTableName: v.string(),
  AlertDeliveryQueueUrl: v.string(),
  UnsentQueueUrl: v.string(),
  AlertTopicArn: v.string(),
  AlertSecretArn: v.string(),
  DatabaseName: v.string(),
  WorkGroupName: v.string(),
});

/** The stack outputs that `doorstep faces` needs. */
const faceOutputs = v.object({
  PersonsTableName: v.string(),
  FacesCollectionId: v.string(),
  /** Percent. */
  FaceMatchThreshold: v.pipe(v.string(), v.transform(Number)),
});

const number = v.pipe(v.string(), v.transform(Number), v.integer());

/** The stack outputs that `doorstep faces forget` needs: where a person is stored, and how long what goes away by itself. */
const forgetOutputs = v.object({
  PersonsTableName: v.string(),
  FacesCollectionId: v.string(),
  CamerasTableName: v.string(),
  LakeBucketName: v.string(),
  LakeBufferSeconds: number,
  QueryResultExpiryDays: number,
  LogRetentionDays: number,
  /** 0: kept forever. */
  EvidenceExpiryDays: number,
});

/** The stack outputs that `doorstep console` needs. */
const consoleOutputs = v.object({
  ...outputs.entries,
  PersonsTableName: v.string(),
  ReviewsTableName: v.string(),
});

export type StackConsoleOutputs = v.InferOutput<typeof consoleOutputs>;

export type StackForgetOutputs = v.InferOutput<typeof forgetOutputs>;

export type StackFaceOutputs = v.InferOutput<typeof faceOutputs>;

export type StackAlertOutputs = v.InferOutput<typeof alertOutputs>;

export type StackOutputs = v.InferOutput<typeof outputs>;

/** @throws Error that names the stack, when it does not exist or an output is missing */
export const stackOutputs = (stackName: string, config: ClientConfig): Promise<StackOutputs> =>
  readOutputs(stackName, config, outputs);

/** @throws Error that names the stack, when it does not exist or an output is missing */
export const stackRedriveOutputs = (stackName: string, config: ClientConfig) =>
  readOutputs(stackName, config, redriveOutputs);

/** @throws Error that names the stack, when it does not exist or an output is missing */
export const stackAlertOutputs = (stackName: string, config: ClientConfig): Promise<StackAlertOutputs> =>
  readOutputs(stackName, config, alertOutputs);

/** @throws Error that names the stack, when it does not exist or an output is missing */
export const stackFaceOutputs = (stackName: string, config: ClientConfig): Promise<StackFaceOutputs> =>
  readOutputs(stackName, config, faceOutputs);

/** @throws Error that names the stack, when it does not exist or an output is missing */
export const stackForgetOutputs = (stackName: string, config: ClientConfig): Promise<StackForgetOutputs> =>
  readOutputs(stackName, config, forgetOutputs);

/** @throws Error that names the stack, when it does not exist or an output is missing */
export const stackConsoleOutputs = (stackName: string, config: ClientConfig): Promise<StackConsoleOutputs> =>
  readOutputs(stackName, config, consoleOutputs);

/** When the stack was created or last updated, epoch milliseconds; undefined where CloudFormation returns neither time. */
export async function stackChangedAtMs(stackName: string, config: ClientConfig): Promise<number | undefined> {
  const client = new CloudFormationClient(config);
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stackName }));
    return (Stacks?.[0]?.LastUpdatedTime ?? Stacks?.[0]?.CreationTime)?.getTime();
  } finally {
    client.destroy();
  }
}

async function readOutputs<S extends v.GenericSchema>(
  stackName: string,
  config: ClientConfig,
  schema: S,
): Promise<v.InferOutput<S>> {
  const client = new CloudFormationClient(config);
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stackName }));
    const found = Stacks?.[0]?.Outputs ?? [];
    const parsed = v.safeParse(
      schema,
      Object.fromEntries(found.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue])),
    );
    if (parsed.success) return parsed.output;
    const missing = parsed.issues.map((issue) => v.getDotPath(issue)).join(", ");
    throw new Error(
      `stack ${stackName} lacks the outputs ${missing}: name Doorstep's own stack with --stack, or deploy it again`,
    );
  } catch (error) {
    if (!isNamed(error, "ValidationError") || !/does not exist/.test(error.message)) throw error;
    const region = await client.config.region();
    throw new Error(
      `there is no stack ${stackName} in ${region}: deploy it, or name another with --stack or --region`,
      { cause: error },
    );
  } finally {
    client.destroy();
  }
}
