/** A permission that the local cloud never sees used, and why it is granted all the same. */
export interface Exemption {
  /** Logical id of the role or the ARN of the resource; of all functions' roles where it is `functions`. */
  readonly role: string;
  readonly actions: readonly string[];
  /** Only where the resource ends so. */
  readonly resourceEnd?: string;
  readonly reason: string;
}

export const UNUSED: readonly Exemption[] = [
  {
    role: "functions",
    actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
    reason: "Lambda writes a function's log with the function's role; here a log is a file",
  },
  {
    role: "arn:aws:sns:us-east-1:000000000000:doorstep-dev-alarms",
    actions: ["sns:Publish"],
    reason: "CloudWatch publishes its alarms there; the test has none",
  },
  {
    role: "functions",
    actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
    reason: "Lambda sends a function's trace with the function's role; here there are no traces",
  },
  {
    role: "DeliveryRole",
    actions: [
      "s3:AbortMultipartUpload",
      "s3:GetBucketLocation",
      "s3:GetObject",
      "s3:ListBucket",
      "s3:ListBucketMultipartUploads",
    ],
    reason: "documented as needed (Firehose, controlling access); here an object is put at once",
  },
  {
    role: "DeliveryRole",
    actions: ["logs:PutLogEvents"],
    resourceEnd: "/aws/kinesisfirehose/doorstep-dev-detections:*",
    reason: "logs errors of the stream of detections; in the test only the stream of sessions has any",
  },
  {
    role: "DeliveryRole",
    actions: ["logs:PutLogEvents"],
    resourceEnd: "/aws/kinesisfirehose/doorstep-dev-alerts:*",
    reason: "logs errors of the stream of alerts; in the test only the stream of sessions has any",
  },
  {
    role: "DeliveryRole",
    actions: ["logs:PutLogEvents"],
    resourceEnd: "/aws/kinesisfirehose/doorstep-dev-faces:*",
    reason: "logs errors of the stream of faces; in the test only the stream of sessions has any",
  },
  {
    role: "DeliveryRole",
    actions: ["glue:GetTableVersion", "glue:GetTableVersions"],
    reason: "documented as needed (Firehose, controlling access); here the schema is read by GetTable",
  },
  {
    role: "DeliveryRole",
    actions: ["lambda:GetFunctionConfiguration"],
    reason: "documented as needed (Firehose, controlling access); here the function is only invoked",
  },
  {
    role: "DeliveryRole",
    actions: ["lambda:InvokeFunction"],
    resourceEnd: ":*",
    reason:
      "documented with a version (Firehose, controlling access); here the ARN is called as it is configured",
  },
  {
    role: "SubscriptionRole",
    actions: ["firehose:PutRecord"],
    reason:
      "documented as needed (SNS, prerequisites for Firehose); what SNS calls is PutRecordBatch (observed)",
  },
  {
    role: "FaceSearchRole",
    actions: ["kinesis:PutRecords"],
    reason:
      "documented as needed (Rekognition, giving access to Kinesis streams); here records are put one by one",
  },
  {
    role: "UploaderRole",
    actions: ["kinesisvideo:CreateStream", "kinesisvideo:UpdateStream", "kinesisvideo:UpdateDataRetention"],
    reason: "documented for uploaders made with the producer SDK; this one finds its streams made",
  },
  {
    role: "UploaderRole",
    actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
    reason: "the CloudWatch agent's; there is no instance here",
  },
  {
    role: "UploaderRole",
    actions: [
      "ssm:UpdateInstanceInformation",
      "ssmmessages:CreateControlChannel",
      "ssmmessages:CreateDataChannel",
      "ssmmessages:OpenControlChannel",
      "ssmmessages:OpenDataChannel",
    ],
    reason: "Session Manager's; there is no instance here",
  },
  {
    role: "UploaderRole",
    actions: ["s3:GetObject", "s3:ListBucket"],
    reason: "the instance's footage timer copies the clips; there is no instance here",
  },
];

/** Roles and resources whose permissions are proved where what they do is played, by the test of that name in `test/local`. */
export const PROVED_ELSEWHERE: Readonly<Record<string, string>> = {
  SearchFacesIamRoleLambdaExecution: "frames-faces.test.ts",
  RecordFacesIamRoleLambdaExecution: "face-search.test.ts",
  EndFaceSearchIamRoleLambdaExecution: "face-search.test.ts",
  FaceSearchRole: "face-search.test.ts",
  SweepFacesIamRoleLambdaExecution: "forget-faces.test.ts",
  SweepFacesLambdaFunction: "forget-faces.test.ts",
  MissedSweepsQueue: "forget-faces.test.ts",
};

/** Actions that no resource can be named for. */
export const WITHOUT_RESOURCE: readonly Exemption[] = [
  {
    role: "functions",
    actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
    reason: "documented so (Service Authorization Reference, AWS X-Ray)",
  },
  {
    role: "SweepFacesIamRoleLambdaExecution",
    actions: ["rekognition:ListStreamProcessors"],
    reason: "lists all of the account's; which ARN a list is checked against is not documented",
  },
  ...["SampleFramesIamRoleLambdaExecution", "RaiseAlertsIamRoleLambdaExecution"].map((role) => ({
    role,
    actions: ["rekognition:DetectLabels"],
    reason: "documented so (Service Authorization Reference, Amazon Rekognition)",
  })),
  {
    role: "UploaderRole",
    actions: [
      "ssm:UpdateInstanceInformation",
      "ssmmessages:CreateControlChannel",
      "ssmmessages:CreateDataChannel",
      "ssmmessages:OpenControlChannel",
      "ssmmessages:OpenDataChannel",
    ],
    reason: "documented so (Systems Manager, adding Session Manager permissions to an existing role)",
  },
];

/** Whether an exemption speaks of a permission. */
export const exempts = (
  { role, actions, resourceEnd = "" }: Exemption,
  owner: string,
  action: string,
  resource: string,
): boolean =>
  (role === owner || (role === "functions" && owner.endsWith("IamRoleLambdaExecution"))) &&
  actions.includes(action) &&
  resource.endsWith(resourceEnd);
