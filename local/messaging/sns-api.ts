import type { Api, Call } from "../api/api.ts";
import { readBody } from "../api/body.ts";
import { queryResponse } from "../api/xml.ts";
import type { Cloud } from "../cloud.ts";
import type { Fauxqs } from "../fauxqs.ts";
import { authorizationError, protocolNotEmulated } from "./errors.ts";
import { NAMESPACE } from "./outside/links.ts";
import { isOutside } from "./outside/protocols.ts";
import { PublishRequest } from "./outside/published.ts";
import type { OutsideSubscriptions } from "./outside/subscriptions.ts";

const MAX_BODY_BYTES = 2 * 1024 * 1024;

/** An authorised call whose form was read. */
interface ReadCall {
  readonly call: Call;
  readonly fields: URLSearchParams;
  readonly body: Buffer;
  /**
   * Passes it on to fauxqs, and its response back.
   * @param rewrite the text of the response
   * @param sent instead of the body
   */
  readonly passOn: (rewrite?: (responseText: string) => string, sent?: URLSearchParams) => Promise<void>;
}

export const snsApi = (cloud: Cloud, fauxqs: Fauxqs, outside: OutsideSubscriptions): Api => ({
  signingName: "sns",
  actions: "fauxqs",
  protocol: "query",
  handle: async (call) => {
    const body = await readBody(call.body, MAX_BODY_BYTES);
    const fields = new URLSearchParams(body.toString("utf8"));
    authorise(cloud, call, fields);
    const read: ReadCall = {
      call,
      fields,
      body,
      passOn: async (rewrite, sent = fields) => {
        const { headers } = call.request;
        const traceHeader = headers["x-amzn-trace-id"]?.toString();
        const result = await fauxqs.traceHeaders.during(traceHeader, () =>
          fauxqs.calls.sns({ headers, body: Object.fromEntries(sent) }),
        );
        const text = rewrite ? rewrite(result.text) : result.text;
        call.response.writeHead(result.status, result.headers).end(text);
      },
    };
    const subscriptionArn = fields.get("SubscriptionArn") ?? "";
    switch (fields.get("Action")) {
      case "Publish":
      case "PublishBatch":
        return await publish(cloud, outside, read);
      case "Subscribe":
        return await subscribe(outside, read);
      case "ConfirmSubscription":
        return confirm(outside, read);
      case "Unsubscribe":
        outside.unsubscribe(subscriptionArn);
        return await read.passOn();
      case "ListSubscriptions":
      case "ListSubscriptionsByTopic":
        return await read.passOn((response) => outside.withoutPendingArns(response));
      case "GetSubscriptionAttributes":
        return await read.passOn((response) => outside.withConfirmation(subscriptionArn, response));
      case "SetSubscriptionAttributes":
        outside.checkAttribute(
          subscriptionArn,
          fields.get("AttributeName") ?? "",
          fields.get("AttributeValue") ?? "",
        );
        return await read.passOn();
      default:
        return await read.passOn();
    }
  },
});

/** The resource of a call, or `*`. */
const resourceOf = (fields: URLSearchParams): string =>
  ["TopicArn", "TargetArn", "SubscriptionArn", "ResourceArn"].map((name) => fields.get(name)).find(Boolean) ??
  "*";

function authorise(cloud: Cloud, call: Call, fields: URLSearchParams): void {
  // PublishBatch is authorised as Publish (documented: SNS API permissions).
  const action = fields.get("Action")?.replace(/^PublishBatch$/, "Publish");
  try {
    cloud.access.authorise(call.caller, `sns:${action}`, resourceOf(fields));
  } catch (error) {
    throw authorizationError(error);
  }
}

/** fauxqs delivers to queues. The response means that every other subscription's delivery has the message, too. */
async function publish(
  cloud: Cloud,
  outside: OutsideSubscriptions,
  { call, fields, body, passOn: pass }: ReadCall,
): Promise<void> {
  const request = new PublishRequest(fields);
  const topicArn = resourceOf(fields);
  await pass((response) => {
    outside.deliver(topicArn, request.accepted(response));
    return response;
  }, request.fieldsFor("sqs"));
  if (call.response.statusCode < 300)
    cloud.events.emit("sns", "published", { topicArn, messages: request.size, sizeBytes: body.length });
}

async function subscribe(
  outside: OutsideSubscriptions,
  { call, fields, passOn: pass }: ReadCall,
): Promise<void> {
  const protocol = fields.get("Protocol") ?? "none";
  if (protocol === "sqs") return await pass();
  if (!isOutside(protocol)) throw protocolNotEmulated(protocol);
  const { arn, isPending } = outside.subscribe({
    topicArn: fields.get("TopicArn") ?? "",
    protocol,
    endpoint: fields.get("Endpoint") ?? "",
    attributes: attributesOf(fields),
  });
  // Documented (Subscribe): the ARN of a pending subscription is returned on request only.
  const isShown = !isPending || fields.get("ReturnSubscriptionArn") === "true";
  respond(call, "Subscribe", { SubscriptionArn: isShown ? arn : "pending confirmation" });
}

function confirm(outside: OutsideSubscriptions, { call, fields }: ReadCall): void {
  const arn = outside.confirm(fields.get("TopicArn") ?? "", fields.get("Token") ?? "", {
    isAuthenticated: true,
    protectsUnsubscribe: fields.get("AuthenticateOnUnsubscribe") === "true",
  });
  respond(call, "ConfirmSubscription", { SubscriptionArn: arn });
}

function respond({ response, requestId }: Call, action: string, result: unknown): void {
  response.writeHead(200, { "content-type": "text/xml", "x-amzn-requestid": requestId });
  response.end(queryResponse(action, NAMESPACE, result, requestId));
}

/** The map `Attributes` of a request. */
function attributesOf(fields: URLSearchParams): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (let index = 1; fields.has(`Attributes.entry.${index}.key`); index++)
    attributes[fields.get(`Attributes.entry.${index}.key`)!] =
      fields.get(`Attributes.entry.${index}.value`) ?? "";
  return attributes;
}
