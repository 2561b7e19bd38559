import { execFileSync } from "node:child_process";
import { afterEach, expect, test } from "@jest/globals";
import { startLocalCloud, type LocalCloud } from "../../local/index.ts";

let local: LocalCloud | undefined;
afterEach(() => local?.stop());

/** How many sockets this process listens on, by kind. */
const listeners = () => {
  const resources = process.getActiveResourcesInfo();
  const count = (name: string) => resources.filter((one) => one === name).length;
  return { ports: count("TCPServerWrap"), unixSockets: count("PipeWrap") };
};

test("the AWS endpoint and the HTTP API are all that listens: S3, SNS, SQS and DynamoDB are called in this process", async () => {
  const before = listeners();
  const Api = { Type: "AWS::ApiGatewayV2::Api", Properties: { Name: "api", ProtocolType: "HTTP" } };
  local = await startLocalCloud({ template: { Resources: { Api } }, artifactFolder: "" });
  expect(local.httpApi).toBeDefined();
  expect(listeners()).toEqual({ ports: before.ports + 2, unixSockets: before.unixSockets });
});

test("what parses SQL, decodes video and draws pictures is loaded when it is first used, not at the start", () => {
  const loaded = execFileSync(
    process.execPath,
    [
      "--input-type=module",
      "--eval",
      `import { registerHooks } from "node:module";
       const seen = new Set();
       registerHooks({ resolve: (name, context, next) => { const found = next(name, context); seen.add(found.url); return found; } });
       await import(${JSON.stringify(new URL("../../local/index.ts", import.meta.url).href)});
       console.log(JSON.stringify([...seen]));`,
    ],
    { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 },
  );
  const urls = JSON.parse(loaded) as string[];
  expect(urls.length).toBeGreaterThan(100);
  const heavy = /node_modules\/(@polyglot-sql|@duckdb|mediabunny|@mediabunny|@napi-rs|@vladmandic)\//;
  expect(urls.filter((url) => heavy.test(url))).toEqual([]);
});
