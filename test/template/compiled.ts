import { templateFile } from "../../demo/package-service.ts";
import type { ResourceType } from "../../local/template/resource.ts";
import { createStack, readTemplate } from "../../local/template/template.ts";
import { UPLOADER_ON } from "../support/parameters.ts";

/** The compiled template as packaged for the stage dev. */
export const template = readTemplate(templateFile);

/** Resolved properties. */
export type Properties = Readonly<Record<string, any>>;

/** A resource as CloudFormation would make it. */
export interface Made {
  readonly type: string;
  readonly properties: Properties;
}

/**
 * What CloudFormation would make, by logical id: a `Ref` to a resource is its logical id, an attribute is
 * `<logicalId>.<attribute>`.
 */
export async function resolved(
  parameters: Readonly<Record<string, unknown>> = {},
  place: { region?: string; partition?: string } = {},
  from = template,
): Promise<Record<string, Made>> {
  const made: Record<string, Made> = {};
  const note: ResourceType = {
    properties: Object.assign([], { includes: () => true }),
    create: ({ logicalId, type, properties }) => {
      made[logicalId] = { type, properties };
      const attributes = new Proxy({}, { get: (_, name) => `${logicalId}.${String(name)}` });
      return { ref: logicalId, attributes };
    },
  };
  const types = Object.values(from.Resources).map(({ Type }) => [Type, note] as const);
  await createStack(from, Object.fromEntries(types), {
    stackName: "doorstep-dev",
    region: "us-east-1",
    accountId: "123456789012",
    partition: "aws",
    ...place,
    parameters,
  });
  return made;
}

/** Everything that is turned on by a parameter, turned on. */
export const EVERYTHING = { ...UPLOADER_ON, UploaderSourceBucket: "clips-of-ours" };

export const ofType = (made: Readonly<Record<string, Made>>, type: string): [string, Properties][] =>
  Object.entries(made)
    .filter(([, one]) => one.type === type)
    .map(([logicalId, { properties }]) => [logicalId, properties]);
