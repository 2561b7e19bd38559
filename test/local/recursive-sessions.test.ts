import { readFileSync } from "node:fs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DeleteStreamProcessorCommand, RekognitionClient } from "@aws-sdk/client-rekognition";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { describe, expect, test } from "@jest/globals";
import { sessionsTable } from "../../aws/sessions.ts";
import { deriveToken } from "../../core/motion/credential.ts";
import { templateFile } from "../../demo/package-service.ts";
import type { Template } from "../../local/index.ts";
import { masterSecretOf, startStack, type TestStack } from "./stack.ts";

const DRIVE_SESSION = "doorstep-dev-driveSession";
const CAMERA = "porch";
/** A refused start is retried for this long by default. */
const START_TIMEOUT_MS = 900_000;

/** The packaged template, in which driveSession may not invoke itself over and over. */
function withoutPermission(): Template {
  const template = JSON.parse(readFileSync(templateFile, "utf8")) as Template;
  const { DriveSessionLambdaFunction: drive, ...others } = template.Resources;
  const { RecursiveLoop, ...properties } = drive!.Properties!;
  expect(RecursiveLoop).toBe("Allow");
  const Resources = { ...others, DriveSessionLambdaFunction: { ...drive!, Properties: properties } };
  return { ...template, Resources };
}

/** Starts motion on a camera whose processor is gone, so that each start is refused and retried by the next wake-up. */
async function startMotion(stack: TestStack): Promise<void> {
  const { processorName } = await stack.journey.register(CAMERA);
  await new RekognitionClient(stack.config).send(new DeleteStreamProcessorCommand({ Name: processorName }));
  const { MotionApiUrl } = stack.journey.outputs;
  const { status } = await fetch(`${MotionApiUrl}/cameras/${CAMERA}/motion/start`, {
    method: "POST",
    headers: { authorization: `Bearer ${deriveToken(await masterSecretOf(stack), CAMERA, 1)}` },
  });
  expect(status).toBe(503);
}

const eventsOf = ({ local }: TestStack, name: string) =>
  local.cloud.events.matching((event) => event.name === name && event.detail["function"] === DRIVE_SESSION);

const recordOf = (stack: TestStack) =>
  sessionsTable(stack.journey.outputs.SessionsTableName, new DynamoDBClient(stack.config)).find(CAMERA);

/** Turns the clock to the record's next wake-up, and waits until Lambda has handled or stopped it. */
async function turnToWakeUp(stack: TestStack): Promise<void> {
  const handled = () => eventsOf(stack, "batch-handled").length + eventsOf(stack, "recursion-stopped").length;
  const before = handled();
  const { wakeAtMs } = (await recordOf(stack))!;
  // The queue counts in whole seconds.
  stack.clock.turn(Math.max(1000, wakeAtMs! - stack.clock.now() + 1000));
  await stack.local.cloud.events.waitFor(() => handled() > before);
}

describe("a session that wakes itself", () => {
  test("is retried in one chain of far more than sixteen invocations, until its start timeout", async () => {
    const stack = await startStack();
    try {
      await startMotion(stack);
      const beganAtMs = stack.clock.now();
      while ((await recordOf(stack))!.wakeAtMs !== undefined) await turnToWakeUp(stack);
      expect(stack.clock.now() - beganAtMs).toBeGreaterThanOrEqual(START_TIMEOUT_MS - 1000);
      expect(eventsOf(stack, "recursion-stopped")).toEqual([]);
      expect(eventsOf(stack, "batch-handled").length).toBeGreaterThan(16);
    } finally {
      await stack.stop();
    }
  });

  test("is cut by Lambda where the template does not allow it, and its wake-up lands in the queue of the unwoken", async () => {
    const stack = await startStack([], { template: withoutPermission() });
    try {
      await startMotion(stack);
      while (eventsOf(stack, "recursion-stopped").length === 0) await turnToWakeUp(stack);
      expect((await recordOf(stack))!.wakeAtMs).toBeDefined();
      const sqs = new SQSClient(stack.config);
      const QueueUrl = stack.local.stack.resources.get("UnwokenQueue")!.ref;
      const unwoken: unknown[] = [];
      while (unwoken.length === 0) {
        // The wake-up's visibility timeout.
        stack.clock.turn(181_000);
        const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }));
        unwoken.push(...Messages.map(({ Body }) => JSON.parse(Body!) as unknown));
      }
      expect(unwoken[0]).toEqual({ cameraId: CAMERA });
    } finally {
      await stack.stop();
    }
  });
});
