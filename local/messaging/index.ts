import type { Api } from "../api/api.ts";
import { readBody } from "../api/body.ts";
import { passOn } from "../api/proxy.ts";
import type { Cloud } from "../cloud.ts";
import type { Service } from "../service.ts";
import { AwsError } from "../errors.ts";
import { authorizationError } from "./errors.ts";
import type { Fauxqs } from "../fauxqs.ts";
import { followClock } from "./queue-clock.ts";
import { queuePolicyType, queueType } from "./queues.ts";
import { isDeliveryQueue, subscriptionType, Subscriptions, topicPolicyType, topicType } from "./topics.ts";

const MAX_BODY_BYTES = 2 * 1024 * 1024;

/** Amazon SNS and SQS: fauxqs behind the endpoint, and the deliveries to Lambda and Firehose that fauxqs has not. */
export const messaging = (fauxqs: Fauxqs): Service => ({
  name: "messaging",
  start: (cloud) => {
    const subscriptions = new Subscriptions(cloud);
    // Deliveries of SNS stay on the machine's time: a turned clock must not hand out twice what is being delivered.
    followClock(fauxqs.queues, cloud.clock, (name) => !isDeliveryQueue(name));
    return {
      apis: [snsApi(cloud, fauxqs), sqsApi(cloud, fauxqs)],
      resources: {
        "AWS::SNS::Topic": topicType(cloud),
        "AWS::SNS::TopicPolicy": topicPolicyType(cloud),
        "AWS::SNS::Subscription": subscriptionType(cloud, subscriptions),
        "AWS::SQS::Queue": queueType(cloud),
        "AWS::SQS::QueuePolicy": queuePolicyType(cloud),
      },
      ready: () => subscriptions.start(),
      stop: () => subscriptions.stop(),
    };
  },
});

const snsApi = (cloud: Cloud, fauxqs: Fauxqs): Api => ({
  signingName: "sns",
  protocol: "query",
  handle: async (call) => {
    const body = await readBody(call.body, MAX_BODY_BYTES);
    const fields = new URLSearchParams(body.toString("utf8"));
    // PublishBatch is authorised as Publish (documented: SNS API permissions).
    const action = fields.get("Action")?.replace(/^PublishBatch$/, "Publish");
    const resource =
      ["TopicArn", "TargetArn", "SubscriptionArn", "ResourceArn"]
        .map((name) => fields.get(name))
        .find(Boolean) ?? "*";
    try {
      cloud.access.authorise(call.caller, `sns:${action}`, resource);
    } catch (error) {
      throw authorizationError(error);
    }
    await passOn(call, fauxqs.address, body);
    if (action === "Publish" && call.response.statusCode < 300)
      cloud.events.emit("sns", "published", {
        topicArn: resource,
        messages: [...fields.keys()].filter((name) => /(^|\.)Message$/.test(name)).length,
        sizeBytes: body.length,
      });
  },
});

const sqsApi = (cloud: Cloud, fauxqs: Fauxqs): Api => ({
  signingName: "sqs",
  protocol: "json-1.0",
  handle: async (call) => {
    const body = await readBody(call.body, MAX_BODY_BYTES);
    const { QueueUrl, QueueName, SourceArn } = parse(body.toString("utf8"));
    const name = QueueName ?? (QueueUrl ?? SourceArn)?.split(/[/:]/).at(-1);
    const action = String(call.request.headers["x-amz-target"])
      .split(".")[1]
      ?.replace(/Batch$/, "");
    cloud.access.authorise(call.caller, `sqs:${action}`, name ? cloud.arn("sqs", name) : "*");
    const { host } = call.request.headers;
    const endpoint = host === undefined ? cloud.endpoint : `http://${host}`;
    const giveUrls = answersUrls.has(action ?? "")
      ? (answer: string) => reachable(answer, endpoint)
      : undefined;
    await passOn(call, fauxqs.address, body, giveUrls);
  },
});

/** Actions that answer with the addresses of queues. */
const answersUrls = new Set(["CreateQueue", "GetQueueUrl", "ListQueues", "ListDeadLetterSourceQueues"]);

/**
 * Queues' addresses on the endpoint that the caller reached: SDKs send what is for a queue to its address, and fauxqs's
 * (`sqs.<region>.localhost`) is unknown to machines whose resolver knows no names below localhost.
 */
function reachable(answer: string, endpoint: string): string {
  const toEndpoint = (url: string) => endpoint + new URL(url).pathname;
  const { QueueUrl, QueueUrls, queueUrls, ...others } = parse(answer) as {
    QueueUrl?: string;
    QueueUrls?: string[];
    queueUrls?: string[];
  };
  return JSON.stringify({
    ...others,
    ...(QueueUrl !== undefined && { QueueUrl: toEndpoint(QueueUrl) }),
    ...(QueueUrls && { QueueUrls: QueueUrls.map(toEndpoint) }),
    ...(queueUrls && { queueUrls: queueUrls.map(toEndpoint) }),
  });
}

function parse(body: string): Readonly<Record<string, string>> {
  try {
    return JSON.parse(body || "{}") as Record<string, string>;
  } catch {
    throw new AwsError(
      "SerializationException",
      "the request body is not JSON; the Query protocol is not emulated",
    );
  }
}
