import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { lambda } from "../../../local/lambda/index.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";
import { functionResources, packageFunction, startGate, untilPrinted, type Gate } from "./packaged.ts";

let gate: Gate;
const artifactFolder = mkdtempSync(join(tmpdir(), "doorstep-concurrency-"));
let local: TestCloud;
let client: LambdaClient;

beforeAll(async () => {
  gate = await startGate();
  packageFunction(
    artifactFolder,
    "single",
    `export const handler = async (event) => { console.log("BEGAN " + JSON.stringify(event)); await fetch(process.env.GATE); };`,
  );
  packageFunction(artifactFolder, "closed", `export const handler = async () => {};`);
  const send = { Effect: "Allow", Action: "sqs:SendMessage", Resource: "*" };
  local = await startTestCloud({
    services: [lambda],
    artifactFolder,
    template: {
      Resources: {
        Failed: { Type: "AWS::SQS::Queue", Properties: { QueueName: "failed" } },
        ...functionResources("Single", "single", [], {
          ReservedConcurrentExecutions: 1,
          Environment: { Variables: { GATE: gate.url } },
        }),
        ...functionResources("Closed", "closed", [send], { ReservedConcurrentExecutions: 0 }),
        ClosedConfig: {
          Type: "AWS::Lambda::EventInvokeConfig",
          Properties: {
            FunctionName: { Ref: "Closed" },
            Qualifier: "$LATEST",
            DestinationConfig: { OnFailure: { Destination: { "Fn::GetAtt": ["Failed", "Arn"] } } },
          },
        },
      },
    },
  });
  client = local.client(LambdaClient);
});
afterAll(async () => {
  await local.stop();
  gate.close();
  rmSync(artifactFolder, { recursive: true });
});

const invoke = (FunctionName: string, payload: unknown, InvocationType?: "Event") =>
  client.send(new InvokeCommand({ FunctionName, InvocationType, Payload: JSON.stringify(payload) }));

test("a function at its reserved concurrency refuses a call and keeps an event until it is free", async () => {
  const running = invoke("single", "first");
  await untilPrinted(local, "BEGAN", 1);
  await expect(invoke("single", "second")).rejects.toMatchObject({
    name: "TooManyRequestsException",
    message: "Rate Exceeded.",
    $metadata: { httpStatusCode: 429 },
  });

  await invoke("single", "third", "Event");
  const throttled = (times: number) =>
    local.cloud.events.waitFor(
      ({ name, detail }) => name === "event-throttled" && detail["throttles"] === times,
    );
  expect((await throttled(1)).detail).toMatchObject({ function: "single", delayMs: 1000 });
  local.clock.turn(1000);
  expect((await throttled(2)).detail).toMatchObject({ delayMs: 2000 });

  await gate.open();
  await running;
  local.clock.turn(2000);
  expect(await untilPrinted(local, "BEGAN", 2)).toEqual(["first", "third"]);
  await gate.open();
  await local.cloud.events.waitFor(({ name }) => name === "event-handled");
});

test("an event for a function without any concurrency goes to its destination at once", async () => {
  await invoke("closed", { lost: false }, "Event");
  const { Messages } = await local
    .client(SQSClient)
    .send(new ReceiveMessageCommand({ QueueUrl: local.resources.get("Failed")!.ref, WaitTimeSeconds: 10 }));
  expect(JSON.parse(Messages![0]!.Body!)).toMatchObject({
    requestContext: { condition: "RetriesExhausted", approximateInvokeCount: 0 },
    requestPayload: { lost: false },
    responsePayload: { errorMessage: "Rate Exceeded." },
  });
});
