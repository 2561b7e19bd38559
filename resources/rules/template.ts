/** A compiled CloudFormation template, as far as the rules read it. */
export interface CompiledTemplate {
  readonly Parameters?: Readonly<Record<string, { readonly Default?: unknown }>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, CompiledResource>>;
  readonly Outputs?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface CompiledResource {
  readonly Type: string;
  readonly Properties?: Properties;
  readonly Condition?: string;
  readonly DependsOn?: string | readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export type Properties = Readonly<Record<string, unknown>>;

/** The bucket of the functions' bundles, which Serverless empties and removes by itself. */
export const DEPLOYMENT_BUCKET = "ServerlessDeploymentBucket";

/** The template with each resource replaced by the rule's result. */
export const mapResources = (
  template: CompiledTemplate,
  rule: (resource: CompiledResource, logicalId: string) => CompiledResource,
): CompiledTemplate => ({
  ...template,
  Resources: Object.fromEntries(
    Object.entries(template.Resources).map(([id, resource]) => [id, rule(resource, id)]),
  ),
});

/** The resource that a `Ref` or an `Fn::GetAtt` names. */
export function target(value: unknown): string | undefined {
  if (value === null || typeof value !== "object") return undefined;
  if ("Ref" in value) return String(value.Ref);
  if (!("Fn::GetAtt" in value)) return undefined;
  const attribute = value["Fn::GetAtt"];
  return Array.isArray(attribute) ? String(attribute[0]) : String(attribute).split(".")[0];
}

export const listOf = (value: unknown): readonly unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];
