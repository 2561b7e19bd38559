import {
  DEPLOYMENT_BUCKET,
  listOf,
  mapResources,
  target,
  type CompiledTemplate,
  type Properties,
} from "./template.ts";

const KEY = { Ref: "KmsKeyArn" };
const NOTHING = { Ref: "AWS::NoValue" };

/** One value with the account owner's key, another without. */
const withOwnKey = (then: unknown, otherwise: unknown = NOTHING) => ({
  "Fn::If": ["OwnKey", then, otherwise],
});
const keyAs = (property: string) => (): Properties => ({ [property]: withOwnKey(KEY) });

/**
 * How each kind of resource is encrypted at rest: by the account owner's key if there is one, else by AWS's own. Other
 * kinds store no data.
 */
const ENCRYPTED: Readonly<Record<string, (properties: Properties) => Properties>> = {
  "AWS::S3::Bucket": () => ({
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [
        withOwnKey(
          {
            // Makes one request to KMS for many objects.
            BucketKeyEnabled: true,
            ServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID: KEY },
          },
          { ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } },
        ),
      ],
    },
  }),
  "AWS::SQS::Queue": () => ({
    KmsMasterKeyId: withOwnKey(KEY),
    SqsManagedSseEnabled: withOwnKey(NOTHING, true),
  }),
  // Without it DynamoDB encrypts with a key that it owns itself (documented: DynamoDB, "Encryption at rest").
  "AWS::DynamoDB::Table": () => ({
    SSESpecification: withOwnKey({ SSEEnabled: true, SSEType: "KMS", KMSMasterKeyId: KEY }),
  }),
  "AWS::SecretsManager::Secret": keyAs("KmsKeyId"),
  "AWS::Logs::LogGroup": keyAs("KmsKeyId"),
  "AWS::Lambda::Function": keyAs("KmsKeyArn"),
  "AWS::Events::EventBus": keyAs("KmsKeyIdentifier"),
  "AWS::KinesisFirehose::DeliveryStream": () => ({
    DeliveryStreamEncryptionConfigurationInput: withOwnKey(
      { KeyType: "CUSTOMER_MANAGED_CMK", KeyARN: KEY },
      { KeyType: "AWS_OWNED_CMK" },
    ),
  }),
  "AWS::Athena::WorkGroup": ({ WorkGroupConfiguration }) => {
    const configuration = WorkGroupConfiguration as { readonly ResultConfiguration: Properties };
    const EncryptionConfiguration = withOwnKey(
      { EncryptionOption: "SSE_KMS", KmsKey: KEY },
      { EncryptionOption: "SSE_S3" },
    );
    return {
      WorkGroupConfiguration: {
        ...configuration,
        ResultConfiguration: { ...configuration.ResultConfiguration, EncryptionConfiguration },
      },
    };
  },
};

/** Encrypts everything at rest, and allows every role to use the account owner's key if there is one. */
export const encrypted = (template: CompiledTemplate): CompiledTemplate =>
  mapResources(template, (resource, logicalId) => {
    const { Type, Properties = {} } = resource;
    if (logicalId === DEPLOYMENT_BUCKET) return resource;
    if (Type === "AWS::SNS::Topic")
      return { ...resource, Properties: { ...Properties, ...topicKey(template, logicalId) } };
    if (Type === "AWS::IAM::Role") {
      const policy = keyUse(functionsOf(template, logicalId));
      return {
        ...resource,
        Properties: { ...Properties, Policies: [...listOf(Properties["Policies"]), policy] },
      };
    }
    if (!Object.hasOwn(ENCRYPTED, Type)) return resource;
    return { ...resource, Properties: { ...Properties, ...ENCRYPTED[Type]!(Properties) } };
  });

/**
 * A role that publishes may use the key that AWS manages for SNS. An AWS service that publishes by itself, such as
 * CloudWatch with its alarms, may not, and its policy cannot be changed (documented: SNS, "Managing encryption keys").
 * Such a topic then has only SNS's disk encryption.
 */
function topicKey({ Resources }: CompiledTemplate, logicalId: string): Properties {
  const hasServicePublisher = Object.values(Resources).some(
    ({ Type, Properties = {} }) =>
      Type === "AWS::SNS::TopicPolicy" &&
      listOf(Properties["Topics"]).some((topic) => target(topic) === logicalId) &&
      JSON.stringify(Properties["PolicyDocument"]).includes('"Service"'),
  );
  return { KmsMasterKeyId: withOwnKey(KEY, hasServicePublisher ? NOTHING : "alias/aws/sns") };
}

/** Services through which the stack's roles use the key. */
const SERVICES = ["dynamodb", "kinesisvideo", "s3", "secretsmanager", "sns", "sqs", "firehose"];

/**
 * Through a service, in whose requests KMS sets `kms:ViaService` (documented: KMS, "kms:ViaService"). The wildcard is for
 * China: whether these names end in amazonaws.com or amazonaws.com.cn there is unconfirmed.
 */
const THROUGH_SERVICES = {
  StringLike: {
    "kms:ViaService": SERVICES.map((service) => ({ "Fn::Sub": `${service}.\${AWS::Region}.amazonaws.com*` })),
  },
};

/**
 * Lambda decrypts a function's environment with the function's role (documented: Lambda, "Securing environment
 * variables"). Whether KMS then sets `kms:ViaService` is unconfirmed. The encryption context names the function (observed
 * by third parties), so the role decrypts no environment but its own functions'.
 */
const environmentUse = (functionNames: readonly string[]): unknown => ({
  Effect: "Allow",
  Action: "kms:Decrypt",
  Resource: KEY,
  Condition: {
    StringEquals: {
      "kms:EncryptionContext:aws:lambda:FunctionArn": functionNames.map((name) => ({
        "Fn::Sub": `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${name}`,
      })),
    },
  },
});

/** Names instead of attributes: a function depends on its role. */
const functionsOf = ({ Resources }: CompiledTemplate, roleId: string): readonly string[] =>
  Object.values(Resources).flatMap(({ Type, Properties = {} }) =>
    Type === "AWS::Lambda::Function" && target(Properties["Role"]) === roleId
      ? [String(Properties["FunctionName"])]
      : [],
  );

/** What a role needs to read and write data that the key encrypts; the role's other statements decide which data. */
const keyUse = (functionNames: readonly string[]): unknown =>
  withOwnKey({
    PolicyName: "use-key",
    PolicyDocument: {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Action: [
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:Encrypt",
            "kms:GenerateDataKey",
            "kms:GenerateDataKeyWithoutPlaintext",
            "kms:ReEncryptFrom",
            "kms:ReEncryptTo",
          ],
          Resource: KEY,
          Condition: THROUGH_SERVICES,
        },
        ...(functionNames.length > 0 ? [environmentUse(functionNames)] : []),
      ],
    },
  });
