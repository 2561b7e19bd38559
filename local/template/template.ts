import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { errorMessage } from "../../base/errors.ts";
import { OperatorError } from "../errors.ts";
import { isTrue, references, resolve, type Scope } from "./intrinsics.ts";
import { parameterValues, type TemplateParameter, type TemplateRule } from "./parameters.ts";
import type { CreatedResource, ResourceType } from "./resource.ts";

/** A CloudFormation template, as the Serverless Framework compiles it. */
export interface Template {
  readonly Parameters?: Readonly<Record<string, TemplateParameter>>;
  readonly Rules?: Readonly<Record<string, TemplateRule>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Mappings?: Scope["mappings"];
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, TemplateOutput>>;
}

interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Condition?: string;
  readonly DependsOn?: string | readonly string[];
  /** What happens to the resource when its stack is deleted. Here resources last as long as the data folder. */
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

interface TemplateOutput {
  readonly Value: unknown;
  readonly Description?: string;
  readonly Export?: { readonly Name: unknown };
  readonly Condition?: string;
}

/** A stack: the resources and outputs of a template. */
export interface Stack {
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly resources: ReadonlyMap<string, CreatedResource & { readonly type: string }>;
  readonly outputs: readonly { key: string; value: string; description?: string; exportName?: string }[];
}

interface StackOptions {
  readonly stackName: string;
  readonly region: string;
  readonly accountId: string;
  readonly partition: string;
  /** Values for the template's parameters, over their defaults. */
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** @throws OperatorError when the file is missing or no template */
export function readTemplate(file: string): Template {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    throw new OperatorError(`${file} is missing; run \`npm run package\` first`);
  }
  const refuse = (reason: string): never => {
    throw new OperatorError(`${file} is not a JSON template: ${reason}; run \`npm run package\` again`);
  };
  let template: Partial<Template> | null;
  try {
    template = JSON.parse(text) as Partial<Template> | null;
  } catch (error) {
    return refuse(errorMessage(error));
  }
  return template?.Resources ? (template as Template) : refuse("it has no Resources");
}

/**
 * Creates every resource of the template, each after those it refers to.
 * @throws OperatorError naming every type and property that is not emulated, before anything is created
 */
export async function createStack(
  template: Template,
  types: Readonly<Record<string, ResourceType>>,
  options: StackOptions,
): Promise<Stack> {
  const parameters = { ...parameterValues(template, options.parameters), ...pseudoParameters(options) };
  const created = new Map<string, CreatedResource & { type: string }>();
  const { Conditions: conditions = {}, Mappings: mappings = {} } = template;
  const scope: Scope = { parameters, created, conditions, mappings };
  const resources = Object.fromEntries(
    Object.entries(template.Resources).filter(([, { Condition }]) => !Condition || isTrue(Condition, scope)),
  );
  refuseUnknown(resources, types);

  for (const logicalId of inOrder(resources)) {
    const { Type: type, Properties = {} } = resources[logicalId]!;
    try {
      const properties = resolve(Properties, scope) as Record<string, unknown>;
      const generatedName = generateName(options.stackName, logicalId);
      created.set(logicalId, {
        type,
        ...(await types[type]!.create({ logicalId, type, properties, generatedName })),
      });
    } catch (error) {
      throw new OperatorError(`${logicalId} (${type}): ${errorMessage(error)}`, { cause: error });
    }
  }

  const outputs = Object.entries(template.Outputs ?? {})
    .filter(([, { Condition }]) => !Condition || isTrue(Condition, scope))
    .map(([key, output]) => resolveOutput(key, output, scope));
  return { name: options.stackName, parameters, resources: created, outputs };
}

function resolveOutput(
  key: string,
  { Value, Description, Export }: TemplateOutput,
  scope: Scope,
): Stack["outputs"][number] {
  try {
    return {
      key,
      value: String(resolve(Value, scope)),
      ...(Description && { description: Description }),
      ...(Export && { exportName: String(resolve(Export.Name, scope)) }),
    };
  } catch (error) {
    throw new OperatorError(`the output ${key}: ${errorMessage(error)}`, { cause: error });
  }
}

function refuseUnknown(
  resources: Readonly<Record<string, TemplateResource>>,
  types: Readonly<Record<string, ResourceType>>,
): void {
  const problems = Object.entries(resources).flatMap(([logicalId, { Type, Properties = {} }]) => {
    const type = Object.hasOwn(types, Type) ? types[Type] : undefined;
    if (!type) return [`${logicalId}: the resource type ${Type} is not emulated`];
    return Object.keys(Properties)
      .filter((property) => !type.properties.includes(property))
      .map((property) => `${logicalId}: the property ${Type}.${property} is not emulated`);
  });
  if (problems.length > 0)
    throw new OperatorError(`the template needs what is not emulated:\n  ${problems.join("\n  ")}`);
}

/** Logical ids, each after everything it refers to. */
function inOrder(resources: Readonly<Record<string, TemplateResource>>): string[] {
  const ordered = new Set<string>();
  const visit = (logicalId: string, path: readonly string[]): void => {
    if (ordered.has(logicalId)) return;
    if (path.includes(logicalId))
      throw new OperatorError(
        `the template's resources refer to each other in a circle: ${[...path.slice(path.indexOf(logicalId)), logicalId].join(" → ")}`,
      );
    const { Properties, DependsOn = [] } = resources[logicalId]!;
    for (const other of [...references(Properties), ...[DependsOn].flat()])
      if (Object.hasOwn(resources, other)) visit(other, [...path, logicalId]);
    ordered.add(logicalId);
  };
  for (const logicalId of Object.keys(resources)) visit(logicalId, []);
  return [...ordered];
}

const pseudoParameters = ({
  stackName,
  region,
  accountId,
  partition,
}: StackOptions): Record<string, unknown> => ({
  "AWS::AccountId": accountId,
  "AWS::Partition": partition,
  "AWS::Region": region,
  "AWS::StackName": stackName,
  "AWS::StackId": `arn:${partition}:cloudformation:${region}:${accountId}:stack/${stackName}/local`,
  "AWS::URLSuffix": "amazonaws.com",
});

/** At most 63 characters, the shortest limit of any name (buckets); the hash keeps shortened names distinct. */
function generateName(stackName: string, logicalId: string): string {
  const hash = createHash("sha256").update(`${stackName}/${logicalId}`).digest("hex").slice(0, 12);
  return `${`${stackName}-${logicalId}`.slice(0, 50)}-${hash}`;
}
