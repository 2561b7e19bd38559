import type { Api } from "../api/api.ts";
import { readBody } from "../api/body.ts";
import { passOn } from "../api/proxy.ts";
import type { Cloud } from "../cloud.ts";
import type { Fauxqs } from "../fauxqs.ts";
import { authorizationError, protocolNotEmulated } from "./errors.ts";

const MAX_BODY_BYTES = 2 * 1024 * 1024;

export const snsApi = (cloud: Cloud, fauxqs: Fauxqs): Api => ({
  signingName: "sns",
  actions: "fauxqs",
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
    if (action === "Subscribe") checkProtocol(fields.get("Protocol"));
    await passOn(call, fauxqs.socketPath, body);
    if (action === "Publish" && call.response.statusCode < 300)
      cloud.events.emit("sns", "published", {
        topicArn: resource,
        messages: [...fields.keys()].filter((name) => /(^|\.)Message$/.test(name)).length,
        sizeBytes: body.length,
      });
  },
});

/** @throws AwsError for a protocol with which nothing would be delivered */
function checkProtocol(protocol: string | null): void {
  if (protocol !== "sqs") throw protocolNotEmulated(protocol ?? "none");
}
