import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvokeCommand, LambdaClient, type InvokeCommandOutput } from "@aws-sdk/client-lambda";
import { strToU8, zipSync } from "fflate";
import { lambda } from "../../../local/lambda/index.ts";
import type { Template } from "../../../local/template/template.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";

export const arnOf = (name: string): string => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;

export interface FunctionOptions {
  /** Properties over the defaults; `undefined` removes one. */
  readonly properties?: Readonly<Record<string, unknown>>;
  /** Statements of its role. */
  readonly statements?: readonly unknown[];
  /** The service that its role trusts. */
  readonly trusts?: string;
}

/** The template's resources for a function of this name: `<name>` and `<name>Role`. */
export const functionResources = (
  name: string,
  { properties = {}, statements = [], trusts = "lambda.amazonaws.com" }: FunctionOptions = {},
): Template["Resources"] => ({
  [`${name}Role`]: {
    Type: "AWS::IAM::Role",
    Properties: {
      RoleName: `${name}-role`,
      AssumeRolePolicyDocument: {
        Statement: { Effect: "Allow", Principal: { Service: trusts }, Action: "sts:AssumeRole" },
      },
      Policies: [{ PolicyName: "own", PolicyDocument: { Statement: statements } }],
    },
  },
  [name]: {
    Type: "AWS::Lambda::Function",
    Properties: {
      FunctionName: name,
      Code: { S3Bucket: "deployment", S3Key: `serverless/doorstep/${name}.zip` },
      Handler: "index.handler",
      Role: { "Fn::GetAtt": [`${name}Role`, "Arn"] },
      Runtime: "nodejs24.x",
      ...properties,
    },
  },
});

/** Writes bundles, each one `index.mjs` of this code, into a new folder. */
export function writeBundles(sources: Readonly<Record<string, string>>): {
  folder: string;
  remove: () => void;
} {
  const folder = mkdtempSync(join(tmpdir(), "doorstep-bundles-"));
  for (const [name, source] of Object.entries(sources))
    writeFileSync(join(folder, `${name}.zip`), zipSync({ "index.mjs": strToU8(source) }));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Boots a local cloud with these functions, by the code of their `index.mjs`. */
export async function startFunctions(
  sources: Readonly<Record<string, string>>,
  options: Readonly<Record<string, FunctionOptions>> = {},
  more: Template["Resources"] = {},
  dataFolder?: string,
): Promise<TestCloud> {
  const bundles = writeBundles(sources);
  const functions = Object.keys(sources).map((name) => functionResources(name, options[name]));
  const Resources = Object.assign({}, more, ...functions) as Template["Resources"];
  try {
    const local = await startTestCloud({
      services: [lambda],
      template: { Resources },
      artifactFolder: bundles.folder,
      ...(dataFolder && { dataFolder }),
    });
    return local;
  } finally {
    bundles.remove();
  }
}

/** Invokes a function and waits for its response. */
export async function invoke(
  local: TestCloud,
  FunctionName: string,
  event: unknown = {},
): Promise<{ error: string | undefined; result: any; output: InvokeCommandOutput }> {
  const output = await local
    .client(LambdaClient)
    .send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }));
  const result: unknown = JSON.parse(Buffer.from(output.Payload!).toString("utf8"));
  return { error: output.FunctionError, result, output };
}
