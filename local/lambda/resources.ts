import { basename, join } from "node:path";
import * as v from "valibot";
import { errorMessage } from "../../base/errors.ts";
import type { Cloud } from "../cloud.ts";
import { OperatorError } from "../errors.ts";
import type { ResourceType } from "../template/resource.ts";
import { DEFAULT_ASYNC_CONFIG } from "./async-invocations.ts";
import { optionalText, parseProperties, text, wholeNumber } from "../template/properties.ts";
import { MAPPING_PROPERTIES, mappingRequest } from "./event-source-mapping.ts";
import { mappingArn } from "./event-source-mappings.ts";
import { RECURSIVE_LOOPS } from "./function.ts";
import { FunctionRuntime } from "./runtime.ts";
import { functionArn, type LambdaState } from "./state.ts";

const RUNTIMES = ["nodejs24.x"];
const MILLISECONDS_PER_SECOND = 1000;

const functionProperties = v.object({
  FunctionName: v.optional(v.string()),
  Code: v.object({ S3Key: v.string() }),
  Handler: v.string(),
  Role: v.string(),
  Runtime: v.picklist(RUNTIMES),
  MemorySize: v.optional(wholeNumber(128, 10_240), 128),
  Timeout: v.optional(wholeNumber(1, 900), 3),
  ReservedConcurrentExecutions: v.optional(wholeNumber(0, Infinity)),
  RecursiveLoop: v.optional(v.picklist(RECURSIVE_LOOPS), "Terminate"),
  Environment: v.optional(
    v.object({ Variables: v.optional(v.record(v.string(), v.pipe(v.unknown(), v.transform(String))), {}) }),
    {},
  ),
});

export const resourceTypes = (cloud: Cloud, state: LambdaState): Record<string, ResourceType> => ({
  "AWS::Lambda::Function": functionType(cloud, state),
  "AWS::Lambda::Permission": permissionType(cloud),
  "AWS::Lambda::EventInvokeConfig": eventInvokeConfigType(cloud, state),
  "AWS::Lambda::EventSourceMapping": eventSourceMappingType(cloud, state),
});

const functionType = (cloud: Cloud, { functions, sandboxes }: LambdaState): ResourceType => ({
  properties: [
    "FunctionName",
    "Description",
    "Code",
    "Handler",
    "Role",
    "Runtime",
    "MemorySize",
    "Timeout",
    "ReservedConcurrentExecutions",
    "RecursiveLoop",
    "Environment",
    "Architectures",
    // Encryption has no effect on one machine.
    "KmsKeyArn",
    "LoggingConfig",
    "Tags",
    "TracingConfig",
  ],
  create: ({ properties, generatedName }) => {
    const parsed = parseProperties(functionProperties, properties);
    const { Code, Handler, Role, Runtime, MemorySize, Timeout, Environment, FunctionName } = parsed;
    const { ReservedConcurrentExecutions: reservedConcurrency, RecursiveLoop: recursiveLoop } = parsed;
    const name = FunctionName ?? generatedName;
    const arn = cloud.arn("lambda", `function:${name}`);
    checkTrust(cloud, Role);
    functions.set(
      arn,
      new FunctionRuntime(
        {
          name,
          arn,
          roleArn: Role,
          zipFile: join(cloud.artifactFolder, basename(Code.S3Key)),
          handler: Handler,
          runtime: Runtime,
          memorySizeMb: MemorySize,
          timeoutMs: Timeout * MILLISECONDS_PER_SECOND,
          reservedConcurrency,
          recursiveLoop,
          environment: Environment.Variables,
        },
        cloud,
        sandboxes,
      ),
    );
    return { ref: name, attributes: { Arn: arn } };
  },
});

/** As AWS does when a function is created (documented: CreateFunction). */
function checkTrust(cloud: Cloud, roleArn: string): void {
  try {
    cloud.access.assumeRole(roleArn, "lambda.amazonaws.com");
  } catch (error) {
    throw new OperatorError(
      `The role defined for the function cannot be assumed by Lambda: ${errorMessage(error)}`,
    );
  }
}

const permissionType = (cloud: Cloud): ResourceType => ({
  properties: ["FunctionName", "Action", "Principal", "SourceArn", "SourceAccount"],
  create: ({ logicalId, properties }) => {
    const resource = functionArn(cloud, text(properties, "FunctionName"));
    const sourceArn = optionalText(properties, "SourceArn");
    const sourceAccount = optionalText(properties, "SourceAccount");
    cloud.access.addResourcePolicy(resource, {
      Statement: {
        Effect: "Allow",
        Principal: { Service: text(properties, "Principal") },
        Action: text(properties, "Action"),
        Resource: resource,
        Condition: {
          ...(sourceArn && { ArnLike: { "aws:SourceArn": sourceArn } }),
          ...(sourceAccount && { StringEquals: { "aws:SourceAccount": sourceAccount } }),
        },
      },
    });
    return { ref: logicalId };
  },
});

const eventInvokeConfigType = (cloud: Cloud, { asyncConfigs }: LambdaState): ResourceType => ({
  properties: [
    "FunctionName",
    "Qualifier",
    "MaximumRetryAttempts",
    "MaximumEventAgeInSeconds",
    "DestinationConfig",
  ],
  create: ({ logicalId, properties }) => {
    const { MaximumRetryAttempts, MaximumEventAgeInSeconds, DestinationConfig } = properties;
    const destinations = (DestinationConfig ?? {}) as Record<string, { Destination: string } | undefined>;
    const unknown = Object.keys(destinations).find((name) => name !== "OnFailure");
    if (unknown) throw new OperatorError(`DestinationConfig.${unknown} is not emulated; only OnFailure is`);
    const ageSeconds = MaximumEventAgeInSeconds === undefined ? undefined : Number(MaximumEventAgeInSeconds);
    asyncConfigs.set(functionArn(cloud, text(properties, "FunctionName")), {
      maxRetries:
        MaximumRetryAttempts === undefined ? DEFAULT_ASYNC_CONFIG.maxRetries : Number(MaximumRetryAttempts),
      maxEventAgeMs:
        ageSeconds === undefined ? DEFAULT_ASYNC_CONFIG.maxEventAgeMs : ageSeconds * MILLISECONDS_PER_SECOND,
      onFailureArn: destinations["OnFailure"]?.Destination,
    });
    return { ref: logicalId };
  },
});

const eventSourceMappingType = (cloud: Cloud, { mappings }: LambdaState): ResourceType => ({
  properties: MAPPING_PROPERTIES,
  create: async ({ generatedName, properties }) => {
    const { EventSourceArn, FunctionName, Enabled, ...given } = parseProperties(mappingRequest, properties);
    const { uuid } = await mappings.create({
      functionArn: functionArn(cloud, FunctionName),
      sourceArn: EventSourceArn,
      enabled: Enabled,
      given,
      generatedName,
    });
    return { ref: uuid, attributes: { Id: uuid, EventSourceMappingArn: mappingArn(cloud, uuid) } };
  },
});
