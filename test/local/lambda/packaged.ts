import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";
import type { TestCloud } from "../cloud.ts";

/** Packages a handler's source as a function's zip. */
export function packageFunction(folder: string, name: string, source: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.zip`), zipSync({ "index.mjs": strToU8(source) }));
}

/** The template's resources for a packaged function: `<LogicalId>` and its role `<LogicalId>Role`. */
export const functionResources = (
  logicalId: string,
  name: string,
  statements: readonly object[],
  properties: Readonly<Record<string, unknown>> = {},
) => ({
  [`${logicalId}Role`]: {
    Type: "AWS::IAM::Role",
    Properties: {
      AssumeRolePolicyDocument: {
        Statement: {
          Effect: "Allow",
          Principal: { Service: "lambda.amazonaws.com" },
          Action: "sts:AssumeRole",
        },
      },
      Policies: [{ PolicyName: "allow", PolicyDocument: { Statement: statements } }],
    },
  },
  [logicalId]: {
    Type: "AWS::Lambda::Function",
    Properties: {
      FunctionName: name,
      Code: { S3Key: `${name}.zip` },
      Handler: "index.handler",
      Role: { "Fn::GetAtt": [`${logicalId}Role`, "Arn"] },
      Runtime: "nodejs24.x",
      ...properties,
    },
  },
});

/** The JSON that a function has printed so far after the prefix, parsed. */
export const printed = (local: TestCloud, prefix: string): unknown[] =>
  local.cloud.events
    .matching(({ service, name }) => service === "lambda" && name === "log")
    .map(({ detail }) => String(detail["line"]))
    .filter((line) => line.startsWith(`${prefix} `))
    .map((line) => JSON.parse(line.slice(prefix.length + 1)) as unknown);

/** Waits until a function has printed the prefix so many times. */
export async function untilPrinted(local: TestCloud, prefix: string, times: number): Promise<unknown[]> {
  await local.cloud.events.waitFor(() => printed(local, prefix).length >= times);
  return printed(local, prefix);
}

/** A place where functions wait until the test lets them continue. */
export interface Gate {
  /** What a function fetches to wait. */
  readonly url: string;
  /** Lets the function go on that has waited longest, once there is one. */
  open(): Promise<void>;
  close(): void;
}

export async function startGate(): Promise<Gate> {
  const waiting: ServerResponse[] = [];
  const server = createServer((_request, response) => void waiting.push(response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    open: async () => {
      while (waiting.length === 0) await once(server, "request");
      waiting.shift()!.end();
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
