import { randomId } from "../../../base/random.ts";
import type { PublicHandler } from "../../api/api.ts";
import { queryResponse } from "../../api/xml.ts";
import { linkActionNotEmulated } from "../errors.ts";
import type { OutsideSubscriptions } from "./subscriptions.ts";

export const NAMESPACE = "http://sns.amazonaws.com/doc/2010-03-31/";

/**
 * The links in what endpoints receive: they confirm a subscription or end it, without a signature (documented: SNS guide,
 * SubscribeURL and UnsubscribeURL). Programs get SNS's XML, browsers a page.
 */
export const linkHandler =
  (outside: OutsideSubscriptions): PublicHandler =>
  ({ request, response, url }) => {
    const action = url.searchParams.get("Action") ?? "";
    const { result, sentence } = perform(outside, action, url.searchParams);
    const requestId = randomId();
    const isBrowser = request.headers.accept?.includes("text/html") ?? false;
    response.writeHead(200, {
      "content-type": isBrowser ? "text/html; charset=utf-8" : "text/xml",
      "x-amzn-requestid": requestId,
    });
    response.end(
      isBrowser
        ? `<!doctype html><title>Amazon SNS</title><p>${sentence}</p>\n`
        : queryResponse(action, NAMESPACE, result, requestId),
    );
    return Promise.resolve();
  };

/** @throws AwsError as the action does */
function perform(outside: OutsideSubscriptions, action: string, parameters: URLSearchParams) {
  if (action === "ConfirmSubscription") {
    const arn = outside.confirm(parameters.get("TopicArn") ?? "", parameters.get("Token") ?? "", {
      isAuthenticated: false,
      protectsUnsubscribe: false,
    });
    return { result: { SubscriptionArn: arn }, sentence: "The subscription is confirmed." };
  }
  if (action !== "Unsubscribe") throw linkActionNotEmulated(action);
  outside.unsubscribeByLink(parameters.get("SubscriptionArn") ?? "");
  return { result: {}, sentence: "The subscription has ended." };
}
