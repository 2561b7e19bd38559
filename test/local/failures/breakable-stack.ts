import { setTimeout as sleep } from "node:timers/promises";
import { crc32 } from "node:zlib";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { SECOND_MS } from "../../../base/durations.ts";
import type { Principal } from "../../../local/iam/principal.ts";
import { AwsError } from "../../../local/errors.ts";
import { readTemplate, type Template } from "../../../local/template/template.ts";
import { templateFile } from "../../../demo/package-service.ts";
import { example } from "../../support/notifications.ts";
import type { Scene } from "../roles/scene.ts";
import type { TestStack } from "../stack.ts";

const POLL_MS = 20;

/** Calls to refuse, e.g. `firehose:PutRecordBatch` on resources that end in `/doorstep-dev-detections`. */
export interface Refused {
  readonly action: string;
  readonly resourceEnd?: string;
  /** What the resource contains. */
  readonly resource?: string;
  /** The calls are throttled instead. */
  readonly isThrottled?: boolean;
}

/** A stack whose steps can fail one by one: their calls are refused to everyone but the account owner. */
export class BreakableStack {
  readonly stack: TestStack;
  readonly #refused = new Set<Refused>();
  /** Scheduled runs that have neither ended nor been given up. */
  #runs = 0;

  constructor(stack: TestStack) {
    this.stack = stack;
    const { access, events } = stack.local.cloud;
    events.subscribe(({ name, detail }) => {
      if (name === "schedule-run") this.#runs++;
      const isOver =
        (name === "invoked" && detail["function"] === "doorstep-dev-wakeSessions") ||
        (name === "delivery-failed" && detail["detailType"] === "Scheduled Event");
      if (isOver && this.#runs > 0) this.#runs--;
    });
    const authorise = access.authorise.bind(access);
    access.authorise = (principal: Principal, action: string, resource: string) => {
      const refused = [...this.#refused].find(
        (one) =>
          action === one.action &&
          resource.endsWith(one.resourceEnd ?? "") &&
          resource.includes(one.resource ?? ""),
      );
      if (principal.kind === "account" || !refused) return authorise(principal, action, resource);
      events.emit("test", "refused", { action });
      if (refused.isThrottled) throw new AwsError("ThrottlingException", "Rate exceeded");
      throw new AwsError("AccessDeniedException", `${action} on ${resource} is refused by the test`, 403);
    };
  }

  /** Refuses these calls while `run` runs. */
  async without<T>(refused: readonly Refused[], run: () => Promise<T>): Promise<T> {
    for (const one of refused) this.#refused.add(one);
    try {
      return await run();
    } finally {
      for (const one of refused) this.#refused.delete(one);
    }
  }

  /** Resolves once no scheduled run is in progress. */
  async runsOver(): Promise<void> {
    if (this.#runs > 0) await this.stack.local.cloud.events.waitFor(() => this.#runs === 0);
  }

  /** Turns the clock once no scheduled run is in progress: the run would time out and count as missed. */
  async turn(durationMs: number): Promise<void> {
    await this.runsOver();
    this.stack.clock.turn(durationMs);
  }

  /** Resolves once the queue has so many messages. */
  async waiting(logicalId: string, messages = 1): Promise<void> {
    // There is no event for a message that SQS moves, and receiving the message would hide it.
    while ((await this.#count(logicalId)) < messages) await sleep(POLL_MS);
  }

  /**
   * Turns the clock past each failed receive until the dead-letter queue has so many messages.
   * @param options.send sends what fails; without it, the first receive may have failed already, or be cut off by a turn
   */
  async givenUp(
    logicalId: string,
    visibilityMs: number,
    { messages = 1, send }: { readonly messages?: number; readonly send?: () => Promise<unknown> } = {},
  ): Promise<void> {
    let hasFailed = send === undefined;
    const stop = this.stack.local.cloud.events.subscribe(({ name, detail }) => {
      hasFailed ||= name === "batch-failed" || (name === "batch-handled" && detail["failed"] !== 0);
    });
    try {
      await send?.();
      while ((await this.#count(logicalId)) < messages) {
        if (hasFailed) {
          hasFailed = false;
          await this.turn(visibilityMs);
        }
        await sleep(POLL_MS);
      }
    } finally {
      stop();
    }
  }

  async #count(logicalId: string): Promise<number> {
    const { cloud, stack } = this.stack.local;
    const { Attributes } = await cloud.client(SQSClient, cloud.owner).send(
      new GetQueueAttributesCommand({
        QueueUrl: stack.resources.get(logicalId)!.ref,
        AttributeNames: ["ApproximateNumberOfMessages"],
      }),
    );
    return Number(Attributes!["ApproximateNumberOfMessages"]);
  }
}

/** The packaged service with a table of detections whose label is a number, so that no row fits it. */
export function templateWithBrokenTable(): Template {
  const template = structuredClone(readTemplate(templateFile));
  const { TableInput } = template.Resources["DetectionRecordsTable"]!.Properties as {
    TableInput: { StorageDescriptor: { Columns: { Name: string; Type: string }[] } };
  };
  TableInput.StorageDescriptor.Columns.find(({ Name }) => Name === "label")!.Type = "int";
  return template;
}

const streamArn = (cameraId: string): string =>
  `arn:aws:kinesisvideo:us-east-1:000000000000:stream/doorstep-dev-camera-${cameraId}/1763700000000`;

/** A detection with this event id and time, of the example's camera or another. */
export function detection(eventId: string, atMs: number, cameraId?: string): object {
  const notification = example("label-detected.json");
  notification.eventId = eventId;
  if (cameraId) notification.inputInformation.kinesisVideo.streamArn = streamArn(cameraId);
  const { kinesisVideoMapping } = notification.labels[0].videoMapping;
  kinesisVideoMapping.producerTimestamp = Math.round(atMs);
  // Another fragment than that of every other notification of the same time, which the view would show once.
  kinesisVideoMapping.fragmentNumber = BigInt(`0x${Buffer.from(eventId).toString("hex")}`).toString();
  kinesisVideoMapping.serverTimestamp = Math.round(atMs) + (crc32(eventId) % (30 * SECOND_MS));
  return notification;
}

/** The end of a camera's session. */
export function sessionEnd(sessionId: string, cameraId: string, videoStartMs: number): object {
  const notification = example("stream-processing-complete.json");
  notification.eventId = `end of ${sessionId}`;
  notification.sessionId = sessionId;
  notification.inputInformation.kinesisVideo.streamArn = streamArn(cameraId);
  notification.startStreamProcessorRequest.startSelector.kvsStreamStartSelector.producerTimestamp =
    Math.round(videoStartMs);
  return notification;
}

/** A camera's running session, which is not checked until its end is reported. */
export async function runningSession(scene: Scene, cameraId: string, sessionId: string): Promise<number> {
  const nowMs = Math.round(scene.stack.clock.now());
  const videoStartMs = nowMs - 10_000;
  await scene.seed(cameraId, {
    run: {
      attempt: 1,
      engine: "stream-processor",
      processorName: `doorstep-dev-camera-${cameraId}`,
      videoStartMs,
      maxDurationSeconds: 30,
      day: new Date(nowMs).toISOString().slice(0, 10),
      calledAtMs: videoStartMs,
      sessionId,
      checkAtMs: nowMs + 3_600_000,
      dueAtMs: nowMs + 3_600_000,
      overdueChecks: 0,
    },
  });
  return videoStartMs;
}

/** A camera whose outbox has an entry of the ledger: a session that ended. */
export async function undelivered(
  scene: Scene,
  cameraId: string,
  sessionId: string,
  wakeAtMs?: number,
): Promise<void> {
  const untilMs = Math.round(scene.stack.clock.now());
  const eventId = `${cameraId}/${sessionId}`;
  await scene.seed(cameraId, {
    state: "completed",
    run: undefined,
    wakeAtMs,
    outbox: [
      {
        to: "ledger",
        id: `ledger/${eventId}`,
        row: {
          type: "COVERAGE",
          eventId,
          cameraId,
          outcome: "completed",
          sessionId,
          maxDurationSeconds: 10,
          fromMs: untilMs - 10_000,
          untilMs,
        },
      },
    ],
  });
}

/** A camera whose outbox has the end of a motion, for the event bus. */
export async function undeliveredEnd(scene: Scene, cameraId: string): Promise<void> {
  const untilMs = Math.round(scene.stack.clock.now());
  const eventId = `${cameraId}/ended`;
  await scene.seed(cameraId, {
    state: "completed",
    run: undefined,
    outbox: [
      {
        to: "bus",
        id: `bus/${eventId}`,
        event: {
          type: "SessionEnded",
          detail: {
            eventId,
            cameraId,
            videoStartAt: new Date(untilMs - 10_000).toISOString(),
            videoEndAt: new Date(untilMs).toISOString(),
            motionGoesOn: false,
          },
        },
      },
    ],
  });
}

/** The permissions that `doorstep redrive --help` lists, and no others. */
const RIGHTS = [
  ["cloudformation:DescribeStacks", "*"],
  ["sqs:GetQueueAttributes", "*:doorstep-dev-un*", "*:doorstep-dev-missed-*"],
  ["sqs:ReceiveMessage", "*:doorstep-dev-un*", "*:doorstep-dev-missed-*"],
  ["sqs:DeleteMessage", "*:doorstep-dev-un*", "*:doorstep-dev-missed-*"],
  ["sqs:ChangeMessageVisibility", "*:doorstep-dev-un*", "*:doorstep-dev-missed-*"],
  [
    "sqs:SendMessage",
    "*:doorstep-dev-wake",
    "*:doorstep-dev-stops.fifo",
    "*:doorstep-dev-samples",
    "*:doorstep-dev-faces",
    "*:doorstep-dev-face-checks",
    "*:doorstep-dev-alerts",
    "*:doorstep-dev-alert-deliveries",
  ],
  [
    "lambda:InvokeFunction",
    "*:doorstep-dev-closeSession",
    "*:doorstep-dev-wakeSessions",
    "*:doorstep-dev-recordFaces",
    "*:doorstep-dev-sweepFaces",
  ],
  ["kinesis:GetShardIterator", "*:stream/doorstep-dev-camera-*"],
  ["kinesis:GetRecords", "*:stream/doorstep-dev-camera-*"],
  [
    "firehose:PutRecordBatch",
    "*/doorstep-dev-detections",
    "*/doorstep-dev-sessions",
    "*/doorstep-dev-alerts",
    "*/doorstep-dev-faces",
  ],
  ["s3:ListBucket", "*"],
  ["s3:GetObject", "*/errors/*", "*/raw/*"],
  ["s3:PutObject", "*/errors/*"],
  ["s3:DeleteObject", "*/errors/*"],
] as const;

/** The environment of an operator who may redrive and nothing else. */
export function operator({ local: { cloud } }: TestStack): Record<string, string> {
  const arn = `arn:aws:iam::${cloud.accountId}:role/operator`;
  const service = "ec2.amazonaws.com";
  const Version = "2012-10-17";
  cloud.access.addRole({
    name: "operator",
    arn,
    trust: {
      Version,
      Statement: { Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" },
    },
    policies: [
      {
        Version,
        Statement: RIGHTS.map(([Action, ...Resource]) => ({ Effect: "Allow", Action, Resource })),
      },
    ],
  });
  const { accessKeyId, secretAccessKey, sessionToken } = cloud.access.issue(
    cloud.access.assumeRole(arn, service),
  );
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken ?? "",
  };
}
