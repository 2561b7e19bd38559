import { withoutRedundantDependencies } from "./dependencies.ts";
import { encrypted } from "./encryption.ts";
import { withKeptData } from "./keep-data.ts";
import { mapResources, type CompiledTemplate } from "./template.ts";
import { tlsOnly } from "./tls-only.ts";

/**
 * What holds for every resource of a kind, whoever adds one: the compiled template, as Serverless leaves it, with data
 * kept, everything encrypted, plain HTTP refused and logs that end. Done twice, it changes nothing.
 */
export function completeTemplate(
  template: CompiledTemplate,
  { keepData }: { readonly keepData: boolean },
): CompiledTemplate {
  const kept = withKeptData(template, keepData);
  return withoutRedundantDependencies(withoutExports(withLogRetention(tlsOnly(encrypted(kept)))));
}

const withLogRetention = (template: CompiledTemplate): CompiledTemplate =>
  mapResources(template, (resource) =>
    resource.Type === "AWS::Logs::LogGroup"
      ? { ...resource, Properties: { ...resource.Properties, RetentionInDays: { Ref: "LogRetentionDays" } } }
      : resource,
  );

/** Nothing outside of the stack needs its outputs' names, and exported ones would be taken for the whole account. */
const withoutExports = ({ Outputs = {}, ...template }: CompiledTemplate): CompiledTemplate => ({
  ...template,
  Outputs: Object.fromEntries(
    Object.entries(Outputs).map(([key, output]) => [
      key,
      Object.fromEntries(Object.entries(output).filter(([name]) => name !== "Export")),
    ]),
  ),
});
