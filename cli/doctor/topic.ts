import {
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  paginateListSubscriptionsByTopic,
  SNSClient,
} from "@aws-sdk/client-sns";
import { deployedCheck } from "./check.ts";
import { failed, ok, wrong, type Finding } from "./finding.ts";

const PERMISSIONS = "sns:GetTopicAttributes, ListSubscriptionsByTopic and GetSubscriptionAttributes";
/** The subscription that takes every message, so that none vanishes. */
const TAKES_ALL = "DetectionsSubscription";

/** Whether the detections topic exists, with all subscriptions of the stack. */
export const topicCheck = deployedCheck("detections topic", async ({ config, outputs, resources }) => {
  const client = new SNSClient(config);
  const TopicArn = outputs.DetectionsTopicArn;
  try {
    await client.send(new GetTopicAttributesCommand({ TopicArn }));
    const found: string[] = [];
    for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic({ client }, { TopicArn }))
      found.push(...Subscriptions.map(({ SubscriptionArn = "" }) => SubscriptionArn));
    const wanted = resources
      .filter(({ type }) => type === "AWS::SNS::Subscription")
      .filter(({ physicalId }) => physicalId.startsWith(`${TopicArn}:`))
      .map(({ physicalId, logicalId }) => ({ arn: physicalId, logicalId }));
    const takesAll = wanted.find(({ logicalId, arn }) => logicalId === TAKES_ALL && found.includes(arn));
    const { Attributes } = takesAll
      ? await client.send(new GetSubscriptionAttributesCommand({ SubscriptionArn: takesAll.arn }))
      : {};
    return [...subscriptionFindings(wanted, found), ...filterFindings(Attributes?.["FilterPolicy"])];
  } catch (error) {
    return [failed(TopicArn, error, PERMISSIONS)];
  } finally {
    client.destroy();
  }
});

/** @param found ARNs, or `PendingConfirmation` for a subscription that is not confirmed (documented: SNS, Subscribe) */
export function subscriptionFindings(
  wanted: readonly { readonly arn: string; readonly logicalId: string }[],
  found: readonly string[],
): Finding[] {
  const missing = wanted.filter(({ arn }) => !found.includes(arn));
  const pending = found.filter((arn) => arn === "PendingConfirmation").length;
  return [
    missing.length > 0
      ? wrong(
          `it lacks ${missing.map(({ logicalId }) => logicalId).join(", ")}`,
          "deploy the stack again: without them, detections do not reach the functions or the lake",
        )
      : ok(
          `reachable, with the stack's ${wanted.length} subscriptions and ${found.length - wanted.length} others`,
        ),
    ...(pending > 0
      ? [
          wrong(
            `${pending} subscriptions wait for confirmation`,
            "open the link in the message that SNS sent to the subscriber, or remove the subscription",
          ),
        ]
      : []),
  ];
}

/** @param policy that of the subscription that takes every message; SNS has none as an empty text or object */
export const filterFindings = (policy: string | undefined): Finding[] =>
  policy === undefined || policy === "" || policy === "{}"
    ? []
    : [
        wrong(
          `${TAKES_ALL} has the filter policy ${policy}; what it does not match is lost unseen`,
          "remove the subscription's filter policy: `aws sns set-subscription-attributes --attribute-name FilterPolicy --attribute-value '{}'`",
        ),
      ];
