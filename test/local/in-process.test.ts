import { execFileSync } from "node:child_process";
import { expect, test } from "@jest/globals";

const local = JSON.stringify(new URL("../../local/index.ts", import.meta.url).href);

/** What a module prints, as JSON, in a process of its own: what other tests left open is not in it. */
function printedBy<T>(module: string): T {
  const printed = execFileSync(process.execPath, ["--input-type=module", "--eval", module], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(printed) as T;
}

test("the AWS endpoint and the HTTP API are all that listens: S3, SNS, SQS and DynamoDB are called in this process", () => {
  const more = printedBy(
    `import { startLocalCloud } from ${local};
     // The pipes to this test are open before anything is counted.
     const standard = [process.stdout, process.stderr];
     const count = (name) => process.getActiveResourcesInfo().filter((one) => one === name).length;
     const listeners = () => ({ ports: count("TCPServerWrap"), unixSockets: count("PipeWrap") });
     const before = listeners();
     const Api = { Type: "AWS::ApiGatewayV2::Api", Properties: { Name: "api", ProtocolType: "HTTP" } };
     const cloud = await startLocalCloud({ template: { Resources: { Api } }, artifactFolder: "" });
     const after = listeners();
     await cloud.stop();
     console.log(JSON.stringify({
       httpApi: typeof cloud.httpApi,
       ports: after.ports - before.ports,
       unixSockets: after.unixSockets - before.unixSockets,
     }));`,
  );
  expect(more).toEqual({ httpApi: "string", ports: 2, unixSockets: 0 });
});

test("what parses SQL, decodes video and draws pictures is loaded when it is first used, not at the start", () => {
  const urls = printedBy<string[]>(
    `import { registerHooks } from "node:module";
     const seen = new Set();
     registerHooks({ resolve: (name, context, next) => { const found = next(name, context); seen.add(found.url); return found; } });
     await import(${local});
     console.log(JSON.stringify([...seen]));`,
  );
  expect(urls.length).toBeGreaterThan(100);
  const heavy = /node_modules\/(@polyglot-sql|@duckdb|mediabunny|@mediabunny|@napi-rs|@vladmandic)\//;
  expect(urls.filter((url) => heavy.test(url))).toEqual([]);
});
