import type { Cloud } from "../cloud.ts";
import { OperatorError } from "../errors.ts";
import { optionalText } from "../template/properties.ts";
import type { ResourceType } from "../template/resource.ts";
import { checkPolicy } from "./check-policy.ts";
import type { Policy } from "./policy.ts";

export function resourceTypes(cloud: Cloud): Record<string, ResourceType> {
  /** The managed policies of the template, by ARN. */
  const managedPolicies = new Map<string, Policy>();
  return {
    "AWS::IAM::Role": {
      properties: [
        "RoleName",
        "Path",
        "Description",
        "AssumeRolePolicyDocument",
        "Policies",
        "ManagedPolicyArns",
        "PermissionsBoundary",
        "Tags",
      ],
      create: ({ properties, generatedName }) => {
        const name = optionalText(properties, "RoleName") ?? generatedName;
        const path = optionalText(properties, "Path") ?? "/";
        const arn = `arn:${cloud.partition}:iam::${cloud.accountId}:role${path}${name}`;
        const inline = (properties["Policies"] ?? []) as { PolicyDocument: Policy }[];
        const managed = ((properties["ManagedPolicyArns"] ?? []) as string[]).map((one) =>
          managedPolicy(one, managedPolicies),
        );
        const boundaryArn = optionalText(properties, "PermissionsBoundary");
        cloud.access.addRole({
          name,
          arn,
          trust: properties["AssumeRolePolicyDocument"] as Policy,
          policies: [...inline.map(({ PolicyDocument }) => PolicyDocument), ...managed],
          boundary: boundaryArn === undefined ? undefined : managedPolicy(boundaryArn, managedPolicies),
        });
        return { ref: name, attributes: { Arn: arn, RoleId: `AROALOCAL${name}` } };
      },
    },
    "AWS::IAM::ManagedPolicy": {
      properties: ["ManagedPolicyName", "Path", "Description", "PolicyDocument"],
      create: ({ logicalId, properties, generatedName }) => {
        const name = optionalText(properties, "ManagedPolicyName") ?? generatedName;
        const path = optionalText(properties, "Path") ?? "/";
        const arn = `arn:${cloud.partition}:iam::${cloud.accountId}:policy${path}${name}`;
        const policy = properties["PolicyDocument"] as Policy;
        checkPolicy(policy, logicalId, "identity");
        managedPolicies.set(arn, policy);
        return { ref: arn, attributes: { PolicyArn: arn } };
      },
    },
  };
}

const LOGS_POLICY: Policy = {
  Statement: {
    Effect: "Allow",
    Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
    Resource: "*",
  },
};

function managedPolicy(arn: string, managedPolicies: ReadonlyMap<string, Policy>): Policy {
  const policy = managedPolicies.get(arn);
  if (policy) return policy;
  if (arn.endsWith(":policy/service-role/AWSLambdaBasicExecutionRole")) return LOGS_POLICY;
  throw new OperatorError(
    `the managed policy ${arn} is not emulated; define it in the template as an AWS::IAM::ManagedPolicy`,
  );
}
