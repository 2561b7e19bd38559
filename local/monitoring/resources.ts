import type { Cloud } from "../cloud.ts";
import { optionalText } from "../template/properties.ts";
import type { Logs } from "./state.ts";
import type { ResourceType } from "../template/resource.ts";

/** Log groups have what functions log; delivery streams log to files in the data folder. Log streams exist by name only. */
export const logResources = (cloud: Cloud, logs: Logs): Readonly<Record<string, ResourceType>> => ({
  "AWS::Logs::LogGroup": {
    properties: [
      "LogGroupName",
      "RetentionInDays",
      "KmsKeyId",
      "Tags",
      "LogGroupClass",
      "BearerTokenAuthenticationEnabled",
      "DeletionProtectionEnabled",
    ],
    create: ({ properties, generatedName }) => {
      const name = optionalText(properties, "LogGroupName") ?? generatedName;
      logs.create(name);
      return { ref: name, attributes: { Arn: `${logGroupArn(cloud, name)}:*` } };
    },
  },
  "AWS::Logs::LogStream": {
    properties: ["LogGroupName", "LogStreamName"],
    create: ({ properties, generatedName }) => ({
      ref: optionalText(properties, "LogStreamName") ?? generatedName,
    }),
  },
});

/** ARN of a log group, without the `:*` that stands for its streams. */
export const logGroupArn = ({ partition, region, accountId }: Cloud, name: string): string =>
  `arn:${partition}:logs:${region}:${accountId}:log-group:${name}`;
