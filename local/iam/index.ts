import type { Service } from "../cloud.ts";
import type { Policy } from "./policy.ts";
import { optionalText } from "../template/properties.ts";

/** AWS IAM: the template's roles, which decide every call made with their credentials. */
export const iam: Service = {
  name: "iam",
  start: (cloud) => ({
    resources: {
      "AWS::IAM::Role": {
        properties: [
          "RoleName",
          "Path",
          "Description",
          "AssumeRolePolicyDocument",
          "Policies",
          "ManagedPolicyArns",
          "Tags",
        ],
        make: ({ properties, generatedName }) => {
          const name = optionalText(properties, "RoleName") ?? generatedName;
          const path = optionalText(properties, "Path") ?? "/";
          const arn = `arn:${cloud.partition}:iam::${cloud.accountId}:role${path}${name}`;
          const inline = (properties["Policies"] ?? []) as { PolicyDocument: Policy }[];
          const managed = ((properties["ManagedPolicyArns"] ?? []) as string[]).map(managedPolicy);
          cloud.access.addRole({
            name,
            arn,
            trust: properties["AssumeRolePolicyDocument"] as Policy,
            policies: [...inline.map(({ PolicyDocument }) => PolicyDocument), ...managed],
          });
          return { ref: name, attributes: { Arn: arn, RoleId: `AROALOCAL${name}` } };
        },
      },
    },
  }),
};

const LOGS_POLICY: Policy = {
  Statement: {
    Effect: "Allow",
    Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
    Resource: "*",
  },
};

function managedPolicy(arn: string): Policy {
  if (arn.endsWith(":policy/service-role/AWSLambdaBasicExecutionRole")) return LOGS_POLICY;
  throw new Error(`the managed policy ${arn} is not emulated; write its statements into the role`);
}
