import { listOf, mapResources, target, type CompiledTemplate } from "./template.ts";

/**
 * Removes each `DependsOn` that a reference of the same resource implies (cfn-lint's W3005). Serverless generates one for
 * every function's role and every route's integration.
 */
export const withoutRedundantDependencies = (template: CompiledTemplate): CompiledTemplate =>
  mapResources(template, ({ DependsOn, ...resource }) => {
    const implied = references(resource.Properties);
    const needed = listOf(DependsOn).filter((id) => !implied.includes(String(id))) as string[];
    return needed.length > 0 ? { ...resource, DependsOn: needed } : resource;
  });

/** What a value always refers to: the content of an `Fn::If` may be absent. */
function references(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (value === null || typeof value !== "object" || "Fn::If" in value) return [];
  const direct = target(value);
  if (direct !== undefined) return [direct];
  if ("Fn::Sub" in value) {
    const [text, variables] = listOf(value["Fn::Sub"]);
    const names = [...String(text).matchAll(/\$\{([^!}.]+)/g)].map(([, name]) => name!);
    const own = Object.keys(variables ?? {});
    return [...names.filter((name) => !own.includes(name)), ...references(variables)];
  }
  return Object.values(value).flatMap(references);
}
