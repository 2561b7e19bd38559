import { withoutRedundantDependencies } from "./dependencies.ts";
import { encrypted } from "./encryption.ts";
import { withKeptData } from "./keep-data.ts";
import { mapResources, type CompiledTemplate, type Properties } from "./template.ts";
import { tlsOnly } from "./tls-only.ts";

/**
 * What holds for every resource of a kind, whoever adds one: the compiled template, as Serverless leaves it, with data
 * kept, everything encrypted, plain HTTP refused, logs that end and no name that another stack could want.
 */
export function completeTemplate(
  template: CompiledTemplate,
  { keepData }: { readonly keepData: boolean },
): CompiledTemplate {
  const kept = withKeptData(template, keepData);
  return withoutRedundantDependencies(
    withoutExports(withoutRoleNames(withLogRetention(tlsOnly(encrypted(kept))))),
  );
}

const withLogRetention = (template: CompiledTemplate): CompiledTemplate =>
  mapResources(template, (resource) =>
    resource.Type === "AWS::Logs::LogGroup"
      ? { ...resource, Properties: { ...resource.Properties, RetentionInDays: { Ref: "LogRetentionDays" } } }
      : resource,
  );

/** A role that CloudFormation names itself collides with none, in no Region, and needs no right to name it. */
const withoutRoleNames = (template: CompiledTemplate): CompiledTemplate =>
  mapResources(template, (resource) =>
    resource.Type === "AWS::IAM::Role"
      ? { ...resource, Properties: without(resource.Properties ?? {}, "RoleName") }
      : resource,
  );

/** Nothing outside of the stack needs its outputs' names, and exported ones would be taken for the whole account. */
const withoutExports = ({ Outputs = {}, ...template }: CompiledTemplate): CompiledTemplate => ({
  ...template,
  Outputs: Object.fromEntries(
    Object.entries(Outputs).map(([key, output]) => [key, without(output, "Export")]),
  ),
});

const without = (properties: Properties, name: string): Properties =>
  Object.fromEntries(Object.entries(properties).filter(([key]) => key !== name));
