/**
 * What a call of S3, SNS, SQS and DynamoDB costs in CPU time: as the local cloud calls them, in its process; by an SDK client
 * through the local cloud's endpoint, which checks signature and rights; and by the same client through the programs' own
 * servers, which check neither. The three take turns in one process, so that the client's part is the same. All of them store
 * durably, and each side's data is read back at the end.
 *
 *     npm run bench -- storage
 */
import { IncomingMessage, ServerResponse } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { once } from "node:events";
import { type AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import dynalite from "dynalite";
import { startFauxqs as startOwnServer } from "fauxqs";
import { requestWith } from "../local/api/in-process.ts";
import { Database } from "../local/dynamodb/database.ts";
import { startFauxqs, type Fauxqs } from "../local/fauxqs.ts";
import { startLocalCloud, type Services } from "../local/index.ts";
import { dynamodb } from "../local/dynamodb/index.ts";
import { iam } from "../local/iam/index.ts";
import { messaging } from "../local/messaging/index.ts";
import { s3 } from "../local/s3/index.ts";
import { median, rounded } from "./figures.ts";
import { figure, report } from "./result.ts";

const ROUNDS = 15;
const WARM_UP_ROUNDS = 3;
const CALLS = 60;
const BODY = "x".repeat(2000);
const TOPIC = "arn:aws:sns:us-east-1:000000000000:news";
const QUEUE_ARN = "arn:aws:sqs:us-east-1:000000000000:jobs";
const TABLE = {
  TableName: "things",
  AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" as const }],
  KeySchema: [{ AttributeName: "id", KeyType: "HASH" as const }],
  BillingMode: "PAY_PER_REQUEST" as const,
};

/** The calls that are compared, by their names; each gets a number of its own. */
type Contender = Readonly<Record<"S3" | "SQS" | "SNS" | "DynamoDB", (index: number) => Promise<unknown>>> & {
  /** How many messages the queue has, and the last object and item. */
  readonly stored: (index: number) => Promise<unknown>;
};

const itemOf = (index: number) => ({ id: { S: String(index) }, value: { S: BODY } });

/** Calls by SDK clients. */
async function byClients(endpoints: {
  fauxqs: string;
  dynamodb: string;
}): Promise<Contender & { end(): void }> {
  const config = { region: "us-east-1", credentials: { accessKeyId: "local", secretAccessKey: "local" } };
  const toFauxqs = { ...config, endpoint: endpoints.fauxqs };
  const objects = new S3Client({ ...toFauxqs, forcePathStyle: true });
  const [queues, topics] = [new SQSClient(toFauxqs), new SNSClient(toFauxqs)];
  const items = new DynamoDBClient({ ...config, endpoint: endpoints.dynamodb });
  await objects.send(new CreateBucketCommand({ Bucket: "photos" }));
  const { QueueUrl } = await queues.send(new CreateQueueCommand({ QueueName: "jobs" }));
  await topics.send(new CreateTopicCommand({ Name: "news" }));
  await topics.send(new SubscribeCommand({ TopicArn: TOPIC, Protocol: "sqs", Endpoint: QUEUE_ARN }));
  await items.send(new CreateTableCommand(TABLE));
  return {
    S3: (index) => objects.send(new PutObjectCommand({ Bucket: "photos", Key: `a/${index}`, Body: BODY })),
    SQS: () => queues.send(new SendMessageCommand({ QueueUrl, MessageBody: BODY })),
    SNS: () => topics.send(new PublishCommand({ TopicArn: TOPIC, Message: BODY })),
    DynamoDB: (index) => items.send(new PutItemCommand({ TableName: "things", Item: itemOf(index) })),
    stored: async (index) => {
      const { Body } = await objects.send(new GetObjectCommand({ Bucket: "photos", Key: `a/${index}` }));
      const { Item } = await items.send(
        new GetItemCommand({ TableName: "things", Key: { id: { S: String(index) } } }),
      );
      const { Attributes } = await queues.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["ApproximateNumberOfMessages"] }),
      );
      return [
        await Body!.transformToString(),
        Item!["value"]!.S,
        Number(Attributes!["ApproximateNumberOfMessages"]),
      ];
    },
    end: () => [objects, queues, topics, items].forEach((client) => client.destroy()),
  };
}

/** A request as a server receives it. */
function received(method: string, url: string, headers: Record<string, string>, body: string) {
  const request = Object.assign(new IncomingMessage(new Socket()), { method, url, headers });
  const bytes = Buffer.from(body);
  request.headers["content-length"] = String(bytes.length);
  return requestWith(request, bytes);
}

/** Calls as the local cloud makes them, without its endpoint. */
async function inProcess(fauxqs: Fauxqs, database: Database): Promise<Contender> {
  const call = (action: string, body: Record<string, unknown>) =>
    fauxqs.calls.sqs({ headers: { "x-amz-target": `AmazonSQS.${action}` }, body });
  const topic = (body: Record<string, unknown>) => fauxqs.calls.sns({ headers: {}, body });
  const item = async (action: string, body: object): Promise<unknown> => {
    const text = JSON.stringify(body);
    const headers = {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `DynamoDB_20120810.${action}`,
      "x-amz-date": "20260101T000000Z",
      authorization: "AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b, Signature=c",
    };
    const { body: response } = await database.send(received("POST", "/", headers, text), Buffer.from(text));
    return JSON.parse(response);
  };
  const object = async (method: string, url: string, body: string): Promise<string> => {
    const request = received(method, url, { host: "localhost", "content-type": "text/plain" }, body);
    const response = new ServerResponse(request);
    return await new Promise((resolve) => {
      response.end = ((content?: Buffer | string) => {
        resolve(String(content ?? ""));
        return response;
      }) as typeof response.end;
      fauxqs.respond(request, response);
    });
  };
  const QueueUrl = "http://localhost/000000000000/jobs";
  await object("PUT", "/photos", "");
  await call("CreateQueue", { QueueName: "jobs" });
  await topic({ Action: "CreateTopic", Name: "news" });
  await topic({ Action: "Subscribe", TopicArn: TOPIC, Protocol: "sqs", Endpoint: QUEUE_ARN });
  await item("CreateTable", TABLE);
  return {
    S3: (index) => object("PUT", `/photos/a/${index}`, BODY),
    SQS: () => call("SendMessage", { QueueUrl, MessageBody: BODY }),
    SNS: () => topic({ Action: "Publish", TopicArn: TOPIC, Message: BODY }),
    DynamoDB: (index) => item("PutItem", { TableName: "things", Item: itemOf(index) }),
    stored: async (index) => {
      const { Item } = (await item("GetItem", {
        TableName: "things",
        Key: { id: { S: String(index) } },
      })) as { Item: { value: { S: string } } };
      const read = await object("GET", `/photos/a/${index}`, "");
      return [read, Item.value.S, fauxqs.queues.getQueueByName("jobs")!.messages.length];
    },
  };
}

/** Microseconds of CPU time per call. */
async function cpuOf(call: (index: number) => Promise<unknown>, first: number): Promise<number> {
  const before = process.cpuUsage();
  for (let index = first; index < first + CALLS; index++) await call(index);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / CALLS;
}

const folder = mkdtempSync(join(tmpdir(), "doorstep-storage-bench-"));
const ends: (() => unknown)[] = [];
try {
  const services: Services = async (host) => {
    const fauxqs = await startFauxqs(host);
    host.atStop(() => fauxqs.stop());
    return [iam, s3(fauxqs), messaging(fauxqs), dynamodb];
  };
  const local = await startLocalCloud({
    template: { Resources: {} },
    artifactFolder: "",
    dataFolder: join(folder, "cloud"),
    services,
  });
  ends.push(() => local.stop());
  const own = await startOwnServer({
    port: 0,
    host: "127.0.0.1",
    logger: false,
    dataDir: join(folder, "own"),
    s3StorageDir: join(folder, "own-objects"),
  });
  ends.push(() => own.stop());
  const ownDatabase = dynalite({ path: join(folder, "own-items"), createTableMs: 0 });
  await once(ownDatabase.listen(0, "127.0.0.1"), "listening");
  ends.push(() => ownDatabase.close());
  const { port } = ownDatabase.address() as AddressInfo;
  const fauxqs = await startFauxqs({
    dataFolder: join(folder, "direct"),
    region: "us-east-1",
    events: local.events,
  });
  ends.push(() => fauxqs.stop());
  const database = new Database(join(folder, "direct-items"));
  ends.push(() => database.close());

  const throughEndpoint = await byClients({ fauxqs: local.endpoint, dynamodb: local.endpoint });
  const throughOwnServer = await byClients({
    fauxqs: `http://127.0.0.1:${own.port}`,
    dynamodb: `http://127.0.0.1:${port}`,
  });
  ends.push(throughEndpoint.end, throughOwnServer.end);
  const contenders = [await inProcess(fauxqs, database), throughEndpoint, throughOwnServer];

  const NAMES = ["in this process", "by an SDK through the endpoint", "by an SDK through its own server"];
  const figures = [];
  const spentMs = contenders.map(() => 0);
  for (const service of ["S3", "SQS", "SNS", "DynamoDB"] as const) {
    const times: number[][] = contenders.map(() => []);
    for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++)
      for (const turn of contenders.keys()) {
        const which = (turn + round + WARM_UP_ROUNDS) % contenders.length;
        const took = await cpuOf(contenders[which]![service], (round + WARM_UP_ROUNDS) * CALLS);
        if (round >= 0) times[which]!.push(took);
      }
    for (const [which, one] of times.entries()) {
      const medianMs = median(one) / 1000;
      spentMs[which]! += medianMs;
      figures.push(figure(`${service} ${NAMES[which]}`, rounded(medianMs, 3), "ms of processor time"));
    }
  }
  const last = (ROUNDS + WARM_UP_ROUNDS) * CALLS - 1;
  const stored = await Promise.all(contenders.map(async (one) => JSON.stringify(await one.stored(last))));
  report("storage", {
    figures,
    rival: {
      name: "the programs' own servers, by the same SDK clients",
      ratio: rounded(spentMs[2]! / spentMs[0]!, 1),
      ratioOf: "their processor time / ours in this process",
    },
    sameWork: "all have the same object, item and number of messages at the end",
    failures: new Set(stored).size === 1 ? [] : ["what is stored differs"],
  });
} finally {
  for (const end of ends.toReversed()) await end();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
