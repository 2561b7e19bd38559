import { DEPLOYMENT_BUCKET, mapResources, type CompiledResource, type CompiledTemplate } from "./template.ts";

const DATA = ["AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::SecretsManager::Secret"];

/**
 * Resources with data outlive the stack, unless a clean removal is chosen. A creation that fails leaves nothing behind in
 * either case (documented: CloudFormation, "DeletionPolicy attribute", RetainExceptOnCreate).
 */
export const withKeptData = (template: CompiledTemplate, keepData: boolean): CompiledTemplate =>
  mapResources(template, (resource, logicalId) =>
    holdsData(resource, logicalId)
      ? keepData
        ? { ...resource, DeletionPolicy: "RetainExceptOnCreate", UpdateReplacePolicy: "Retain" }
        : { ...resource, DeletionPolicy: "Delete", UpdateReplacePolicy: "Delete" }
      : resource,
  );

/** Whether the resource has data to keep; a table whose items expire, and that has no backup, is only a cache. */
const holdsData = ({ Type, Properties = {} }: CompiledResource, logicalId: string): boolean =>
  DATA.includes(Type) &&
  logicalId !== DEPLOYMENT_BUCKET &&
  (!("TimeToLiveSpecification" in Properties) || "PointInTimeRecoverySpecification" in Properties);
