import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchClient, GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";
import {
  GetFunctionRecursionConfigCommand,
  InvokeCommand,
  LambdaClient,
  PutFunctionRecursionConfigCommand,
} from "@aws-sdk/client-lambda";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { buildSync } from "esbuild";
import { lambda } from "../../../local/lambda/index.ts";
import { nextTraceHeader } from "../../../local/lambda/lineage.ts";
import { monitoring } from "../../../local/monitoring/index.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";
import { functionResources, packageFunction, printed } from "./packaged.ts";

const artifactFolder = mkdtempSync(join(tmpdir(), "doorstep-recursion-"));
const arnOf = (service: string, name: string) => `arn:aws:${service}:us-east-1:000000000000:${name}`;

/** A bundle with the real SDK, which sends the trace header that Lambda counts by. */
function bundle(name: string, source: string): void {
  const { outputFiles } = buildSync({
    stdin: { contents: source, resolveDir: import.meta.dirname },
    bundle: true,
    format: "esm",
    platform: "node",
    mainFields: ["module", "main"],
    write: false,
  });
  packageFunction(artifactFolder, name, outputFiles[0]!.text);
}

/** Sends itself what it receives, with a number that grows, until the number is 20. */
const queueLoop = (word: string) => `
  import { SQSClient, SendMessageCommand } from "@aws-sdk/client-sqs";
  const sqs = new SQSClient({});
  export const handler = async ({ Records }) => {
    const [{ body }] = Records;
    console.log("${word} " + body);
    if (Number(body) === 20) return;
    const MessageBody = String(Number(body) + 1);
    await sqs.send(new SendMessageCommand({ QueueUrl: process.env.QUEUE_URL, MessageBody }));
  };`;

const queueReader = (id: string, properties: object = {}) => ({
  [`${id}Dead`]: { Type: "AWS::SQS::Queue", Properties: { QueueName: `${id}-dead` } },
  [`${id}Queue`]: {
    Type: "AWS::SQS::Queue",
    Properties: {
      QueueName: id,
      RedrivePolicy: { deadLetterTargetArn: { "Fn::GetAtt": [`${id}Dead`, "Arn"] }, maxReceiveCount: 2 },
    },
  },
  ...functionResources(id, id, [{ Effect: "Allow", Action: "sqs:*", Resource: arnOf("sqs", id) }], {
    Environment: { Variables: { QUEUE_URL: { Ref: `${id}Queue` } } },
    ...properties,
  }),
  [`${id}Mapping`]: {
    Type: "AWS::Lambda::EventSourceMapping",
    Properties: { EventSourceArn: { "Fn::GetAtt": [`${id}Queue`, "Arn"] }, FunctionName: { Ref: id } },
  },
});

let local: TestCloud;

beforeAll(async () => {
  bundle("cut", queueLoop("CUT"));
  bundle("meant", queueLoop("MEANT"));
  bundle(
    "topical",
    `import { SNSClient, PublishCommand } from "@aws-sdk/client-sns";
     const sns = new SNSClient({});
     export const handler = async ({ Records }) => {
       console.log("TOPICAL " + Records[0].Sns.Message);
       const Message = String(Number(Records[0].Sns.Message) + 1);
       await sns.send(new PublishCommand({ TopicArn: process.env.TOPIC_ARN, Message }));
     };`,
  );
  local = await startTestCloud({
    services: [monitoring, lambda],
    artifactFolder,
    template: {
      Resources: {
        ...queueReader("cut"),
        ...queueReader("meant", { RecursiveLoop: "Allow" }),
        topic: { Type: "AWS::SNS::Topic", Properties: { TopicName: "topical" } },
        failed: { Type: "AWS::SQS::Queue", Properties: { QueueName: "failed" } },
        ...functionResources(
          "topical",
          "topical",
          [
            { Effect: "Allow", Action: "sns:Publish", Resource: { Ref: "topic" } },
            { Effect: "Allow", Action: "sqs:SendMessage", Resource: arnOf("sqs", "failed") },
          ],
          { Environment: { Variables: { TOPIC_ARN: { Ref: "topic" } } } },
        ),
        permission: {
          Type: "AWS::Lambda::Permission",
          Properties: {
            FunctionName: { Ref: "topical" },
            Action: "lambda:InvokeFunction",
            Principal: "sns.amazonaws.com",
            SourceArn: { Ref: "topic" },
          },
        },
        config: {
          Type: "AWS::Lambda::EventInvokeConfig",
          Properties: {
            FunctionName: { Ref: "topical" },
            Qualifier: "$LATEST",
            DestinationConfig: { OnFailure: { Destination: { "Fn::GetAtt": ["failed", "Arn"] } } },
          },
        },
        subscription: {
          Type: "AWS::SNS::Subscription",
          Properties: {
            TopicArn: { Ref: "topic" },
            Protocol: "lambda",
            Endpoint: { "Fn::GetAtt": ["topical", "Arn"] },
          },
        },
      },
    },
  });
});
afterAll(async () => {
  await local.stop();
  rmSync(artifactFolder, { recursive: true });
});

const urlOf = (queue: string) => `${local.endpoint}/000000000000/${queue}`;
const send = (queue: string, MessageBody: string) =>
  local.client(SQSClient).send(new SendMessageCommand({ QueueUrl: urlOf(queue), MessageBody }));
const receive = async (queue: string) => {
  const { Messages = [] } = await local
    .client(SQSClient)
    .send(new ReceiveMessageCommand({ QueueUrl: urlOf(queue), WaitTimeSeconds: 1 }));
  return Messages.map(({ Body }) => Body!);
};
const stopped = (name: string) =>
  local.cloud.events.waitFor(
    (event) => event.name === "recursion-stopped" && event.detail["function"] === name,
  );
const handled = (queue: string, batches: number) =>
  local.cloud.events.waitFor(
    () =>
      local.cloud.events.matching(({ name, detail }) => name === "batch-handled" && detail["queue"] === queue)
        .length >= batches,
  );
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe("a chain of invocations", () => {
  test("through a function's own queue is stopped after sixteen, and its message ends in the dead-letter queue", async () => {
    await send("cut", "1");
    await stopped("cut");
    expect(printed(local, "CUT")).toEqual(upTo(16));
    // Turned earlier, the clock would end the visibility timeout of a message that is about to be deleted.
    await handled("cut", 16);
    let dead: string[] = [];
    while (dead.length === 0) {
      local.clock.turn(31_000);
      dead = await receive("cut-dead");
    }
    expect(dead).toEqual(["17"]);
    expect(printed(local, "CUT")).toEqual(upTo(16));
  });

  test("goes on where the function allows it", async () => {
    await send("meant", "1");
    await local.cloud.events.waitFor(() => printed(local, "MEANT").length === 20);
    expect(printed(local, "MEANT")).toEqual(upTo(20));
  });

  test("through a topic is stopped after sixteen, and its event goes to the on-failure destination", async () => {
    await local
      .client(SNSClient)
      .send(new PublishCommand({ TopicArn: arnOf("sns", "topical"), Message: "1" }));
    await stopped("topical");
    let records: string[] = [];
    while (records.length === 0) records = await receive("failed");
    expect(printed(local, "TOPICAL")).toEqual(upTo(16));
    const { requestPayload, responsePayload } = JSON.parse(records[0]!) as {
      requestPayload: { Records: { Sns: { Message: string } }[] };
      responsePayload: { errorType: string };
    };
    expect(requestPayload.Records[0]!.Sns.Message).toBe("17");
    expect(responsePayload.errorType).toBe("RecursiveInvocationException");
  });

  test("that calls Invoke again is refused by name, and counted in a metric", async () => {
    let header: string | undefined;
    for (const _ of upTo(16)) header = nextTraceHeader(header, arnOf("lambda", "function:cut"));
    const command = new InvokeCommand({ FunctionName: "cut", Payload: JSON.stringify({ Records: [] }) });
    command.middlewareStack.add(
      (next) => (args) => {
        (args.request as { headers: Record<string, string> }).headers["x-amzn-trace-id"] = header!;
        return next(args);
      },
      { step: "build" },
    );
    await expect(local.client(LambdaClient).send(command)).rejects.toMatchObject({
      name: "RecursiveInvocationException",
      $metadata: { httpStatusCode: 400 },
    });
    const nowMs = local.clock.now();
    const { Datapoints = [] } = await local.client(CloudWatchClient).send(
      new GetMetricStatisticsCommand({
        Namespace: "AWS/Lambda",
        MetricName: "RecursiveInvocationsDropped",
        Dimensions: [{ Name: "FunctionName", Value: "cut" }],
        StartTime: new Date(nowMs - 3_600_000),
        EndTime: new Date(nowMs + 60_000),
        Period: 7200,
        Statistics: ["Sum"],
      }),
    );
    expect(Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0)).toBeGreaterThanOrEqual(1);
  });

  test("is allowed or stopped by the function's recursion configuration", async () => {
    const client = local.client(LambdaClient);
    const read = async () =>
      (await client.send(new GetFunctionRecursionConfigCommand({ FunctionName: "topical" }))).RecursiveLoop;
    expect(await read()).toBe("Terminate");
    await client.send(
      new PutFunctionRecursionConfigCommand({ FunctionName: "topical", RecursiveLoop: "Allow" }),
    );
    expect(await read()).toBe("Allow");
  });
});
