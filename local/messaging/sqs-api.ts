import type { Api, Call } from "../api/api.ts";
import { readBody } from "../api/body.ts";
import type { Cloud } from "../cloud.ts";
import type { Fauxqs } from "../fauxqs.ts";
import { notJson } from "./errors.ts";
import type { FailedEntry, Receives, VisibilityRequest } from "./visibility.ts";

const MAX_BODY_BYTES = 2 * 1024 * 1024;

/** Actions whose response has queue URLs. */
const RETURN_URLS = new Set(["CreateQueue", "GetQueueUrl", "ListQueues", "ListDeadLetterSourceQueues"]);

export const sqsApi = (cloud: Cloud, fauxqs: Fauxqs, receives: Receives): Api => ({
  signingName: "sqs",
  actions: "fauxqs",
  protocol: "json-1.0",
  handle: async (call) => {
    const { headers } = call.request;
    const body = await readBody(call.body, MAX_BODY_BYTES);
    const document = parse<Record<string, unknown>>(body.toString("utf8"));
    const { QueueUrl, QueueName, SourceArn } = document as Record<string, string>;
    const name = QueueName ?? (QueueUrl ?? SourceArn)?.split(/[/:]/).at(-1);
    const operation = String(headers["x-amz-target"]).split(".")[1];
    // A batch is authorised as the action on each message (documented: SQS API permissions).
    const action = operation?.replace(/Batch$/, "");
    cloud.access.authorise(call.caller, `sqs:${action}`, name ? cloud.arn("sqs", name) : "*");
    if (action === "ChangeMessageVisibility")
      return await changeVisibility(call, fauxqs, receives, name ?? "", document);
    const endpoint = headers.host === undefined ? cloud.endpoint : `http://${headers.host}`;
    const rewrite = RETURN_URLS.has(action ?? "")
      ? (response: string) => withUrlsOn(endpoint, response)
      : action === "ReceiveMessage"
        ? (response: string) => withTraceHeaders(fauxqs, document, response)
        : undefined;
    await passOn(call, fauxqs, document, rewrite);
  },
});

/** Passes a call on to fauxqs, and its response back, as `rewrite` changes its text. */
async function passOn(
  { request: { headers }, response, requestId }: Call,
  { calls, traceHeaders }: Fauxqs,
  body: Readonly<Record<string, unknown>>,
  rewrite: (responseText: string) => string = (text) => text,
): Promise<void> {
  const traceHeader = headers["x-amzn-trace-id"]?.toString();
  const result = await traceHeaders.during(traceHeader, () => calls.sqs({ headers, body }));
  response
    .writeHead(result.status, { ...result.headers, "x-amzn-requestid": requestId })
    .end(rewrite(result.text));
}

/** Passes on the changes that stay within 12 hours from the receive, and refuses the others. */
async function changeVisibility(
  call: Call,
  fauxqs: Fauxqs,
  receives: Receives,
  queueName: string,
  document: Readonly<Record<string, unknown>>,
): Promise<void> {
  const request = document as VisibilityRequest;
  if (request.Entries === undefined) {
    const refusal = receives.refusal(queueName, request);
    if (refusal) throw refusal;
    return await passOn(call, fauxqs, document);
  }
  const { failed, others } = receives.split(queueName, request);
  if (failed.length === 0) return await passOn(call, fauxqs, document);
  if (others.length === 0) {
    call.response.writeHead(200, { "content-type": "application/x-amz-json-1.0" });
    return void call.response.end(JSON.stringify({ Successful: [], Failed: failed }));
  }
  await passOn(call, fauxqs, { ...document, Entries: others }, (response) => {
    const { Failed = [], ...rest } = parse<{ Failed?: FailedEntry[] }>(response);
    return JSON.stringify({ ...rest, Failed: [...Failed, ...failed] });
  });
}

/**
 * The response with its queue URLs on the endpoint that the caller used: SDKs send a queue's requests to its URL, and
 * fauxqs's (`sqs.<region>.localhost`) does not resolve on machines whose resolver knows no names below localhost.
 */
function withUrlsOn(endpoint: string, response: string): string {
  const onEndpoint = (url: string) => endpoint + new URL(url).pathname;
  const { QueueUrl, QueueUrls, queueUrls, ...others } = parse<{
    QueueUrl?: string;
    QueueUrls?: string[];
    queueUrls?: string[];
  }>(response);
  return JSON.stringify({
    ...others,
    ...(QueueUrl !== undefined && { QueueUrl: onEndpoint(QueueUrl) }),
    ...(QueueUrls && { QueueUrls: QueueUrls.map(onEndpoint) }),
    ...(queueUrls && { queueUrls: queueUrls.map(onEndpoint) }),
  });
}

/** The received messages with `AWSTraceHeader`, if the request asks for it and the message has one. */
function withTraceHeaders(
  { traceHeaders }: Fauxqs,
  request: Readonly<Record<string, unknown>>,
  response: string,
): string {
  const { AttributeNames = [], MessageSystemAttributeNames = [] } = request as Record<string, string[]>;
  const names = [...AttributeNames, ...MessageSystemAttributeNames];
  const { Messages } = parse<{ Messages?: { MessageId: string; Attributes?: object }[] }>(response);
  if (!Messages || !names.some((name) => name === "All" || name === "AWSTraceHeader")) return response;
  return JSON.stringify({
    Messages: Messages.map((message) => {
      const AWSTraceHeader = traceHeaders.of(message.MessageId);
      return AWSTraceHeader ? { ...message, Attributes: { ...message.Attributes, AWSTraceHeader } } : message;
    }),
  });
}

function parse<T>(json: string): T {
  try {
    return JSON.parse(json || "{}") as T;
  } catch {
    throw notJson();
  }
}
