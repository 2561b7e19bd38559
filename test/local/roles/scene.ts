import { Agent } from "node:http";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { FirehoseClient, PutRecordCommand } from "@aws-sdk/client-firehose";
import {
  DeleteStreamProcessorCommand,
  RekognitionClient,
  StartStreamProcessorCommand,
} from "@aws-sdk/client-rekognition";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import * as v from "valibot";
import { alertSettingsTable } from "../../../aws/alert-settings.ts";
import { alertsTable } from "../../../aws/alerts.ts";
import { frameSessionsTable } from "../../../aws/frame-sessions.ts";
import { sessionsTable } from "../../../aws/sessions.ts";
import { linkKey } from "../../../core/alerts/keys.ts";
import { mediaToken, snoozeToken } from "../../../core/alerts/links.ts";
import { SECOND_MS } from "../../../base/durations.ts";
import type { ClientConfig } from "../../../local/cloud.ts";
import type { CloudEvent } from "../../../local/events.ts";
import type { Policy } from "../../../local/iam/policy.ts";
import { alertRule } from "../../../schemas/alert-rule.ts";
import type { Camera } from "../../../schemas/camera.ts";
import type { Session } from "../../../schemas/session.ts";
import { Fleet } from "../../../operator/fleet.ts";
import { uploadClip } from "../../../uploader/upload-clip.ts";
import { send, type HttpAnswer } from "../../support/http.ts";
import { example } from "../../support/notifications.ts";
import { signedHeaders } from "../../support/motion.ts";
import { AlertTargets } from "../alert-targets.ts";
import type { TestStack } from "../stack.ts";

/** How many cameras are tried until the start of one is throttled. */
const MAX_THROTTLING_ATTEMPTS = 6;

const VIDEO_MS = 16_000;

/** A stack, and everything for which its roles exist. */
export class Scene {
  readonly stack: TestStack;
  readonly #masterSecret: string;
  readonly #agent = new Agent({ keepAlive: true });

  private constructor(stack: TestStack, masterSecret: string) {
    this.stack = stack;
    this.#masterSecret = masterSecret;
  }

  static async open(stack: TestStack): Promise<Scene> {
    const { local } = stack;
    const { SecretString = "" } = await local.cloud
      .client(SecretsManagerClient, local.cloud.owner)
      .send(new GetSecretValueCommand({ SecretId: stack.journey.outputs.MasterSecretArn }));
    return new Scene(stack, SecretString);
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    // Invocations from now on end at their first call, so that none is in progress when the services stop.
    const { access } = this.stack.local.cloud;
    for (const owner of access.grants().keys()) if (access.role(owner)) access.replacePolicies(owner, []);
    await this.stack.stop();
  }

  /** Replaces a role's policies while `run` runs. */
  async withPolicies<T>(roleArn: string, policies: readonly Policy[], run: () => Promise<T>): Promise<T> {
    const { access } = this.stack.local.cloud;
    const own = access.role(roleArn)!.policies;
    access.replacePolicies(roleArn, policies);
    try {
      return await run();
    } finally {
      access.replacePolicies(roleArn, own);
    }
  }

  /** ARN of the role of a resource of the template, by its logical id. */
  roleArn(logicalId: string): string {
    return this.stack.local.stack.resources.get(logicalId)!.attributes!["Arn"]!;
  }

  /** A camera's signed call, e.g. `POST`, `motion/start`. */
  async call(
    method: "GET" | "POST",
    cameraId: string,
    path: string,
    body: object = {},
    webhookId?: string,
  ): Promise<HttpAnswer> {
    const text = method === "GET" ? "" : JSON.stringify(body);
    const signer = { masterSecret: this.#masterSecret, nowMs: () => this.stack.clock.now() };
    const headers = signedHeaders(signer, cameraId, text, webhookId);
    const url = `${this.stack.journey.outputs.MotionApiUrl}/cameras/${cameraId}/${path}`;
    return await send(url, { method, headers, body: text }, this.#agent);
  }

  /** Puts the clip into the camera's stream with the uploader's role; returns the producer time of its beginning. */
  async upload(cameraId: string, file: string): Promise<number> {
    const { journey, config } = this.stack;
    const { streamName } = await journey.register(cameraId);
    const RoleArn = this.roleArn("UploaderRole");
    const { Credentials } = await this.#client(STSClient).send(
      new AssumeRoleCommand({ RoleArn, RoleSessionName: "uploader" }),
    );
    const startMs = this.stack.clock.now() - VIDEO_MS;
    await uploadClip({
      file,
      streamName,
      startMs,
      region: config.region,
      endpoint: config.endpoint,
      credentials: {
        accessKeyId: Credentials!.AccessKeyId!,
        secretAccessKey: Credentials!.SecretAccessKey!,
        sessionToken: Credentials!.SessionToken!,
      },
    });
    return startMs;
  }

  /** A rule that raises an alert of whatever is detected, for a target. */
  async alertRule(): Promise<void> {
    const table = this.stack.local.stack.resources.get("AlertSettingsTable")!.ref;
    const rule = v.parse(alertRule, { ruleId: "everything", targets: ["phone"] });
    await alertSettingsTable(table, this.#dynamodb).putRule(rule);
  }

  /** Resolves once a camera's alerts are over and nothing of them is left to publish. */
  async alertsEnded(cameraId: string): Promise<void> {
    const table = this.stack.local.stack.resources.get("AlertsTable")!.ref;
    await this.until(async () => {
      const { alerts = [], outbox = [] } = (await alertsTable(table, this.#dynamodb).find(cameraId)) ?? {};
      return (
        alerts.length > 0 && outbox.length === 0 && alerts.every(({ endedAtMs }) => endedAtMs !== undefined)
      );
    });
  }

  /** A camera of the engine frames. */
  async registerFrames(cameraId: string, faces = false): Promise<Camera> {
    return (await (await this.#fleet()).add({ cameraId, engine: "frames", faces })).camera;
  }

  /** A camera of the engine face-search. */
  async registerFaceSearch(cameraId: string): Promise<void> {
    await (await this.#fleet()).add({ cameraId, engine: "face-search", faces: true });
  }

  /** Motion of a camera of the engine face-search over two sessions; resolves when both were stopped. */
  async searchedFaces(cameraId: string): Promise<void> {
    await this.registerFaceSearch(cameraId);
    const { clock } = this.stack;
    await this.call("POST", cameraId, "motion/start", { at: clock.now(), maxDurationSeconds: 5 });
    const seen = (event: string) =>
      this.stack.local.cloud.events.matching(({ name }) => name === event).length;
    while (seen("face-search-started") < 2) {
      clock.turn(SECOND_MS);
      await this.call("POST", cameraId, "motion/start", { at: clock.now() });
    }
    await this.call("POST", cameraId, "motion/stop", { at: clock.now() });
    // A later stop in the same second as another one would be throttled.
    while (seen("face-search-stopped") < 2) {
      clock.turn(SECOND_MS);
      await this.call("GET", cameraId, "session");
    }
  }

  #fleet(): Promise<Fleet> {
    return Fleet.open(this.stack.local.stack.name, this.stack.config);
  }

  /** Stores a running session of the engine frames, whose first step finds its end. @returns what it runs on */
  async frameSession(cameraId: string, sessionId: string): Promise<string> {
    const camera = await this.registerFrames(cameraId);
    const { processorName, streamName, labels, regionsOfInterest, tags } = camera;
    const { maxSampleGapSeconds, whenAllDetected, faces } = camera;
    const nowMs = Math.round(this.stack.clock.now());
    await this.#frameSessions.put({
      processorName,
      streamName,
      labels,
      regionsOfInterest,
      tags,
      maxSampleGapSeconds,
      whenAllDetected,
      faces,
      version: 1,
      sessionId,
      state: "running",
      videoStartMs: nowMs,
      videoEndMs: nowMs,
      maxDurationSeconds: 10,
      startedAtMs: nowMs,
      dueAtMs: nowMs,
      step: 0,
      nextAtMs: nowMs,
      samples: [],
      detected: [],
      refusals: 0,
    });
    return processorName;
  }

  async frameSessionState(processorName: string): Promise<string | undefined> {
    return (await this.#frameSessions.find(processorName))?.state;
  }

  /** Motion that is covered by two sessions: the first from the webhook, the next from the chain. */
  async chain(cameraId: string, startMs: number, sessionSeconds = 5): Promise<void> {
    await this.call("POST", cameraId, "motion/start", { at: startMs, maxDurationSeconds: sessionSeconds });
    await this.call("POST", cameraId, "motion/stop", { at: startMs + (sessionSeconds + 2) * 1000 });
    await this.call("GET", cameraId, "session");
    await this.until(async () => {
      const { pastSessionIds, wanted, outbox } = await this.record(cameraId);
      return pastSessionIds.length === 2 && wanted.length === 0 && outbox.length === 0;
    });
  }

  /** Motion whose start Rekognition refuses because the camera's processor is deleted; it waits for the next attempt. */
  async refusedStart(cameraId: string): Promise<HttpAnswer> {
    const { processorName } = await this.stack.journey.register(cameraId);
    await this.#rekognition.send(new DeleteStreamProcessorCommand({ Name: processorName }));
    return await this.call("POST", cameraId, "motion/start");
  }

  /** A refused start that is repeated once the camera has its processor again. */
  async retriedStart(cameraId: string): Promise<void> {
    await this.refusedStart(cameraId);
    await this.stack.journey.register(cameraId);
    this.stack.clock.turn(5000);
    await this.startRequested(cameraId);
  }

  /** A start above the account's twenty a second, which is repeated and succeeds. */
  async throttledStart(cameraId: string): Promise<void> {
    // Twenty starts a second get through, and this one may be among them: then another camera's is tried.
    for (let attempt = 1; attempt <= MAX_THROTTLING_ATTEMPTS; attempt++) {
      const id = `${cameraId}-${attempt}`;
      if (!(await this.#startAboveRate(id))) continue;
      this.stack.clock.turn(5000);
      return await this.startRequested(id);
    }
    throw new Error("no start was throttled");
  }

  /** Starts motion while others use up the rate. @returns whether the start was throttled */
  async #startAboveRate(cameraId: string): Promise<boolean> {
    const { processorName } = await this.stack.journey.register(cameraId);
    const rekognition = new RekognitionClient({ ...this.stack.config, maxAttempts: 1 });
    const start = new StartStreamProcessorCommand({
      Name: `${processorName}-unknown`,
      StartSelector: { KVSStreamStartSelector: { ProducerTimestamp: this.stack.clock.now() } },
      StopSelector: { MaxDurationInSeconds: 1 },
    });
    const twenty = () =>
      Promise.allSettled(Array.from({ length: 20 }, async () => await rekognition.send(start)));
    let isDone = false;
    const responded = twenty()
      .then(() => this.call("POST", cameraId, "motion/start"))
      .finally(() => (isDone = true));
    while (!isDone) await twenty();
    await responded;
    rekognition.destroy();
    return (await this.record(cameraId)).retry?.reason === "throttled";
  }

  /** Resolves once a function has requested the camera's session and it runs. */
  async startRequested(cameraId: string): Promise<void> {
    await this.emitted(
      "lambda",
      "log",
      ({ line }) =>
        /session start requested/.test(String(line)) &&
        String(line).includes(`"${cameraId}","state":"running"`),
    );
  }

  /** A session over the first seconds of a camera's video; returns how it ended. */
  async session(cameraId: string, startMs: number): Promise<CloudEvent> {
    const { processorName } = await this.stack.journey.register(cameraId);
    const { SessionId } = await this.#rekognition.send(
      new StartStreamProcessorCommand({
        Name: processorName,
        StartSelector: { KVSStreamStartSelector: { ProducerTimestamp: startMs } },
        StopSelector: { MaxDurationInSeconds: 5 },
      }),
    );
    const { events } = this.stack.local.cloud;
    return await events.waitFor(
      ({ name, detail }) => /^session-(completed|failed)$/.test(name) && detail["sessionId"] === SessionId,
    );
  }

  /** Motion of a camera whose session is running by its record, and due to be checked. */
  async startWhileDue(cameraId: string): Promise<HttpAnswer> {
    await this.seed(cameraId, { wakeAtMs: undefined });
    return await this.call("POST", cameraId, "motion/start");
  }

  /** Calls that fail half-way, because the camera's record is invalid. */
  async brokenRecord(cameraId: string): Promise<HttpAnswer[]> {
    await this.stack.journey.register(cameraId);
    await this.#dynamodb.send(
      new PutItemCommand({
        TableName: this.stack.journey.outputs.SessionsTableName,
        Item: { cameraId: { S: cameraId }, version: { S: "none" } },
      }),
    );
    return [await this.call("POST", cameraId, "motion/stop"), await this.call("GET", cameraId, "session")];
  }

  /** A lost session whose wake-up was lost too: the schedule finds it, and its processor is stopped. */
  async lostSession(cameraId: string): Promise<void> {
    const { processorName } = await this.stack.journey.register(cameraId);
    await this.seed(cameraId, {
      outbox: [{ to: "stops", id: `stop/${cameraId}/1`, processorName, engine: "stream-processor" }],
      wakeAtMs: this.stack.clock.now(),
    });
    this.stack.clock.turn(60_000);
    await this.#rekognition.send(
      new StartStreamProcessorCommand({
        Name: processorName,
        StartSelector: { KVSStreamStartSelector: { ProducerTimestamp: this.stack.clock.now() } },
        StopSelector: { MaxDurationInSeconds: 120 },
      }),
    );
    await this.emitted("lambda", "log", ({ line }) =>
      /processor (stopped|was not running)/.test(String(line)),
    );
  }

  /** An incomplete end of a session: retried twice, then kept; and an error record in the lake. */
  async badNotification(): Promise<void> {
    await this.publish({
      eventNamespace: { type: "STREAM_PROCESSING_COMPLETE" },
      eventId: "incomplete",
    });
    for (const [attempts, turnMs] of [
      [1, 60_000],
      [2, 120_000],
      [3, 0],
    ]) {
      await this.emitted("lambda", "event-failed", (detail) => detail["attempts"] === attempts);
      this.stack.clock.turn(turnMs!);
    }
    await this.undelivered("incomplete");
  }

  /** A face on its way into the lake. */
  async deliveredFace(): Promise<void> {
    const Data = Buffer.from(JSON.stringify({ ...example("face.json"), seenAtMs: this.stack.clock.now() }));
    await this.#client(FirehoseClient).send(
      new PutRecordCommand({ DeliveryStreamName: "doorstep-dev-faces", Record: { Data } }),
    );
  }

  /** Messages to a receiver that is busy, to one that is gone, and to the topic of alerts. */
  async sentAlerts(): Promise<void> {
    const targets = new AlertTargets(this.stack);
    await targets.add("busy", (response) => void response.writeHead(503).end());
    await targets.add("gone", (response) => void response.writeHead(410).end());
    await targets.add("mail", undefined, { format: "sns", url: undefined });
    // The name of a person is looked up.
    const persons = [`person-${"0".repeat(20)}`];
    for (const targetId of ["busy", "gone", "mail"])
      await targets.handled(() => targets.deliver(targetId, { persons }));
    await targets.settings.removeTarget("busy");
    await targets.stop();
  }

  /** Follows links of an alert, and snoozes and wakes its camera. */
  async followedLinks(): Promise<void> {
    const { outputs } = this.stack.local;
    const key = linkKey(
      (
        await this.#client(SecretsManagerClient).send(
          new GetSecretValueCommand({ SecretId: outputs["AlertSecretArn"]! }),
        )
      ).SecretString!,
    );
    const link = { cameraId: "porch", expiresAtMs: this.stack.clock.now() + 60_000 };
    const [objectKey = ""] = await this.keys(outputs["EvidenceBucketName"]!);
    const api = outputs["MotionApiUrl"]!;
    const picture = await fetch(`${api}/media/${mediaToken(key, { ...link, objectKey })}`);
    const snooze = `${api}/snooze/${snoozeToken(key, { ...link, ruleIds: [] })}`;
    const changes = await Promise.all(
      [15, 0].map((minutes) => fetch(`${snooze}?minutes=${minutes}`, { method: "POST" })),
    );
    for (const { status } of [picture, ...changes])
      if (status !== 200) throw new Error(`a link was refused with ${status}`);
  }

  async publish(message: object): Promise<void> {
    const TopicArn = this.stack.journey.outputs.DetectionsTopicArn;
    await this.#client(SNSClient).send(new PublishCommand({ TopicArn, Message: JSON.stringify(message) }));
  }

  /** Puts the end of a camera's motion onto the bus. */
  async publishEnd(cameraId: string): Promise<void> {
    const at = new Date(this.stack.clock.now()).toISOString();
    const detail = {
      eventId: `${cameraId}/ended`,
      cameraId,
      videoStartAt: at,
      videoEndAt: at,
      motionGoesOn: false,
    };
    const EventBusName = this.stack.local.stack.resources.get("EventBus")!.ref;
    const event = {
      EventBusName,
      Source: "doorstep",
      DetailType: "SessionEnded",
      Detail: JSON.stringify(detail),
    };
    await this.#client(EventBridgeClient).send(new PutEventsCommand({ Entries: [event] }));
  }

  /** Receives and deletes messages of the undelivered queue until one has this text. */
  async undelivered(text: string): Promise<void> {
    const QueueUrl = this.stack.local.stack.resources.get("UndeliveredQueue")!.ref;
    const sqs = this.#client(SQSClient);
    await this.until(async () => {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
      for (const { ReceiptHandle } of Messages)
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      return Messages.some(({ Body = "" }) => Body.includes(text));
    });
  }

  /** The keys of a bucket's objects; a thousand at most. */
  async keys(Bucket: string): Promise<string[]> {
    const { Contents = [] } = await this.#client(S3Client).send(new ListObjectsV2Command({ Bucket }));
    return Contents.map(({ Key = "" }) => Key);
  }

  /** The first event of a service with this name that matches. */
  async emitted(
    service: string,
    name: string,
    matches: (detail: CloudEvent["detail"]) => boolean = () => true,
  ): Promise<CloudEvent> {
    const { events } = this.stack.local.cloud;
    return await events.waitFor(
      (event) => event.service === service && event.name === name && matches(event.detail),
    );
  }

  /** Checks again after each event of the local cloud. */
  async until(isSo: () => Promise<boolean>): Promise<void> {
    const { events } = this.stack.local.cloud;
    for (;;) {
      let seen = 0;
      const stop = events.subscribe(() => seen++);
      try {
        if (await isSo()) return;
        if (seen === 0) await events.waitFor(() => seen > 0);
      } finally {
        stop();
      }
    }
  }

  /** Stores a record of a running session that is due to be checked, as the functions leave it. */
  async seed(cameraId: string, changes: Partial<Session>): Promise<void> {
    const { processorName } = await this.stack.journey.register(cameraId);
    const nowMs = this.stack.clock.now();
    await this.#sessions.put({
      cameraId,
      version: 1,
      state: "running",
      run: {
        attempt: 1,
        engine: "stream-processor",
        processorName,
        videoStartMs: nowMs - 10_000,
        maxDurationSeconds: 120,
        day: new Date(nowMs).toISOString().slice(0, 10),
        calledAtMs: nowMs - 10_000,
        sessionId: "session-of-before",
        checkAtMs: nowMs - 5000,
        dueAtMs: nowMs + 240_000,
        overdueChecks: 0,
      },
      wanted: [],
      accounted: [],
      stopsMs: [],
      webhooks: [],
      pastSessionIds: [],
      outbox: [],
      ...changes,
    });
  }

  /** The record of a camera that has reported motion. */
  async record(cameraId: string): Promise<Session> {
    return (await this.#sessions.find(cameraId))!;
  }

  get #dynamodb(): DynamoDBClient {
    return this.#client(DynamoDBClient);
  }

  get #rekognition(): RekognitionClient {
    return this.#client(RekognitionClient);
  }

  /** Signs as the account owner. */
  #client<C extends { destroy(): void }>(Client: new (config: ClientConfig) => C): C {
    const { cloud } = this.stack.local;
    return cloud.client(Client, cloud.owner);
  }

  get #frameSessions() {
    return frameSessionsTable(this.stack.journey.outputs.FrameSessionsTableName, this.#dynamodb);
  }

  get #sessions() {
    return sessionsTable(this.stack.journey.outputs.SessionsTableName, this.#dynamodb);
  }
}
