import { listOf, target, type CompiledResource, type CompiledTemplate, type Properties } from "./template.ts";

/** The policy of a kind of resource, and what it refuses over plain HTTP. */
interface Kind {
  readonly policyType: string;
  /** The policy's property that names the resources. */
  readonly property: string;
  readonly isList: boolean;
  readonly action: string;
  readonly resources: (logicalId: string) => unknown;
}

const KINDS: Readonly<Record<string, Kind>> = {
  "AWS::S3::Bucket": {
    policyType: "AWS::S3::BucketPolicy",
    property: "Bucket",
    isList: false,
    action: "s3:*",
    resources: (id) => [{ "Fn::GetAtt": [id, "Arn"] }, { "Fn::Sub": `\${${id}.Arn}/*` }],
  },
  "AWS::SQS::Queue": {
    policyType: "AWS::SQS::QueuePolicy",
    property: "Queues",
    isList: true,
    action: "sqs:*",
    resources: (id) => ({ "Fn::GetAtt": [id, "Arn"] }),
  },
  "AWS::SNS::Topic": {
    policyType: "AWS::SNS::TopicPolicy",
    property: "Topics",
    isList: true,
    // The one action with data, and the only one of those that need TLS in a topic's policy.
    action: "sns:Publish",
    resources: (id) => ({ Ref: id }),
  },
};

/**
 * Makes every bucket, queue and topic refuse requests without TLS: adds the statement to its policy, or a policy with it.
 * A resource that has such a statement already stays as it is.
 */
export function tlsOnly(template: CompiledTemplate): CompiledTemplate {
  const resources: Record<string, CompiledResource> = { ...template.Resources };
  for (const [logicalId, { Type, Condition }] of Object.entries(template.Resources)) {
    const kind = Object.hasOwn(KINDS, Type) ? KINDS[Type]! : undefined;
    if (!kind) continue;
    const policyId = policyOf(resources, logicalId, kind) ?? `${logicalId}Policy`;
    const policy = resources[policyId] ?? {
      Type: kind.policyType,
      ...(Condition && { Condition }),
      Properties: {
        [kind.property]: kind.isList ? [{ Ref: logicalId }] : { Ref: logicalId },
        PolicyDocument: { Version: "2012-10-17", Statement: [] },
      },
    };
    resources[policyId] = refuse(policy, kind, logicalId);
  }
  return { ...template, Resources: resources };
}

const policyOf = (
  resources: Readonly<Record<string, CompiledResource>>,
  logicalId: string,
  { policyType, property }: Kind,
): string | undefined =>
  Object.keys(resources).find(
    (id) =>
      resources[id]!.Type === policyType &&
      listOf(resources[id]!.Properties?.[property]).some((one) => target(one) === logicalId),
  );

function refuse(policy: CompiledResource, { action, resources }: Kind, logicalId: string): CompiledResource {
  const document = policy.Properties?.["PolicyDocument"] as Properties;
  const statements = listOf(document["Statement"]);
  const mentions = (statement: unknown, text: string) => JSON.stringify(statement).includes(text);
  if (statements.some((one) => mentions(one, "aws:SecureTransport") && mentions(one, `"${logicalId}"`)))
    return policy;
  const statement = {
    Sid: `TlsOnly${logicalId}`,
    Effect: "Deny",
    Principal: "*",
    Action: action,
    Resource: resources(logicalId),
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };
  return {
    ...policy,
    Properties: {
      ...policy.Properties,
      PolicyDocument: { ...document, Statement: [...statements, statement] },
    },
  };
}
