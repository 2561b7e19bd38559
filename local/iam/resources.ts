import type { Cloud } from "../cloud.ts";
import { optionalText } from "../template/properties.ts";
import type { ResourceType } from "../template/resource.ts";
import { checkPolicy } from "./check-policy.ts";
import type { Policy } from "./policy.ts";
import type { IamState } from "./state.ts";

export function resourceTypes(cloud: Cloud, state: IamState): Record<string, ResourceType> {
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
        const inline = (properties["Policies"] ?? []) as { PolicyName: string; PolicyDocument: Policy }[];
        const id = `AROALOCAL${name}`;
        state.create({
          name,
          path,
          id,
          description: optionalText(properties, "Description"),
          trust: properties["AssumeRolePolicyDocument"] as Policy,
          inline: inline.map(({ PolicyName, PolicyDocument }) => ({
            name: PolicyName,
            document: PolicyDocument,
          })),
          attached: (properties["ManagedPolicyArns"] ?? []) as string[],
          boundaryArn: optionalText(properties, "PermissionsBoundary"),
          isTemplate: true,
        });
        return { ref: name, attributes: { Arn: state.arnOf(name), RoleId: id } };
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
        state.addManagedPolicy(arn, policy);
        return { ref: arn, attributes: { PolicyArn: arn } };
      },
    },
  };
}
