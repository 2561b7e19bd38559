import { withoutRedundantDependencies } from "./dependencies.ts";
import { encrypted } from "./encryption.ts";
import { withKeptData } from "./keep-data.ts";
import { mapResources, type CompiledTemplate, type Properties } from "./template.ts";
import { tlsOnly } from "./tls-only.ts";

/**
 * The compiled template with the rules that every resource of a kind follows: data is kept, everything is encrypted, plain
 * HTTP is refused, logs expire and only CloudFormation creates log groups, and no name can collide with another stack's.
 */
export function completeTemplate(
  template: CompiledTemplate,
  { keepData }: { readonly keepData: boolean },
): CompiledTemplate {
  const kept = withKeptData(template, keepData);
  return withoutRedundantDependencies(
    withoutExports(withoutRoleNames(withoutLogGroupCreation(withLogRetention(tlsOnly(encrypted(kept)))))),
  );
}

const withLogRetention = (template: CompiledTemplate): CompiledTemplate =>
  mapResources(template, (resource) =>
    resource.Type === "AWS::Logs::LogGroup"
      ? { ...resource, Properties: { ...resource.Properties, RetentionInDays: { Ref: "LogRetentionDays" } } }
      : resource,
  );

/**
 * No role creates log groups. A function that still runs while its stack is removed would create its group again, without
 * retention or key, and the next stack of that name could not create its own.
 */
const withoutLogGroupCreation = (template: CompiledTemplate): CompiledTemplate =>
  mapResources(template, (resource) =>
    resource.Type === "AWS::IAM::Role"
      ? { ...resource, Properties: withoutAction(resource.Properties, "logs:CreateLogGroup") as Properties }
      : resource,
  );

/** The value without the action in any list of actions in it, however deep. */
function withoutAction(value: unknown, action: string): unknown {
  if (Array.isArray(value))
    return value.filter((one) => one !== action).map((one) => withoutAction(one, action));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutAction(inner, action)]));
}

/** A role that CloudFormation names cannot collide with another, and needs no permission for named roles. */
const withoutRoleNames = (template: CompiledTemplate): CompiledTemplate =>
  mapResources(template, (resource) =>
    resource.Type === "AWS::IAM::Role"
      ? { ...resource, Properties: without(resource.Properties ?? {}, "RoleName") }
      : resource,
  );

/** Nothing outside the stack needs its outputs' names, and an exported name is in use for the whole account. */
const withoutExports = ({ Outputs = {}, ...template }: CompiledTemplate): CompiledTemplate => ({
  ...template,
  Outputs: Object.fromEntries(
    Object.entries(Outputs).map(([key, output]) => [key, without(output, "Export")]),
  ),
});

const without = (properties: Properties, name: string): Properties =>
  Object.fromEntries(Object.entries(properties).filter(([key]) => key !== name));
