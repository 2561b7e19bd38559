import {
  GetSubscriptionAttributesCommand,
  paginateListSubscriptionsByTopic,
  SetSubscriptionAttributesCommand,
  SubscribeCommand,
  UnsubscribeCommand,
  type SNSClient,
} from "@aws-sdk/client-sns";
import { isNamed } from "../base/errors.ts";

/** What SNS lists in place of the ARN of a subscription that is not confirmed (documented: SNS, ListSubscriptionsByTopic). */
const PENDING = "PendingConfirmation";

/** Who gets a target's messages by e-mail or SMS. */
export interface Subscriber {
  readonly protocol: "email" | "sms";
  /** An e-mail address, or a phone number such as +491701234567. */
  readonly endpoint: string;
}

/** A subscription of the alerts' topic. */
export interface Subscription {
  readonly protocol: string;
  readonly endpoint: string;
  /** Undefined until it is confirmed. */
  readonly arn: string | undefined;
  /** The targets of its filter policy; undefined if that is not known yet, or it is not one of targets. */
  readonly targetIds: readonly string[] | undefined;
}

/** The subscriptions of the alerts' topic: each takes the messages of its targets by a filter policy. */
export const alertSubscriptions = (topicArn: string, client: SNSClient) => {
  const list = async (): Promise<Subscription[]> => {
    const found: Subscription[] = [];
    for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic(
      { client },
      { TopicArn: topicArn },
    ))
      for (const { SubscriptionArn = PENDING, Protocol = "", Endpoint = "" } of Subscriptions) {
        const arn = SubscriptionArn.startsWith("arn:") ? SubscriptionArn : undefined;
        const targetIds = arn === undefined ? undefined : await targetsOf(arn);
        found.push({ protocol: Protocol, endpoint: Endpoint, arn, targetIds });
      }
    return found;
  };

  const targetsOf = async (arn: string): Promise<readonly string[] | undefined> => {
    try {
      const { Attributes } = await client.send(
        new GetSubscriptionAttributesCommand({ SubscriptionArn: arn }),
      );
      return targetsInPolicy(Attributes?.["FilterPolicy"]);
    } catch (error) {
      // It has just been removed.
      if (isNamed(error, "NotFoundException")) return undefined;
      throw error;
    }
  };

  const setTargets = async (arn: string, targetIds: readonly string[]): Promise<void> => {
    await client.send(
      new SetSubscriptionAttributesCommand({
        SubscriptionArn: arn,
        AttributeName: "FilterPolicy",
        AttributeValue: policyOf(targetIds),
      }),
    );
  };

  const join = async (targetId: string, { endpoint, arn, targetIds }: Subscription): Promise<boolean> => {
    if (arn === undefined)
      throw new Error(
        `${endpoint} has not confirmed an earlier subscription yet: open the link in the message that SNS sent, or wait 48 hours until SNS deletes it`,
      );
    if (!targetIds)
      throw new Error(
        `${endpoint} is subscribed to the topic by other means; remove that subscription with aws sns unsubscribe --subscription-arn ${arn}`,
      );
    if (!targetIds.includes(targetId)) await setTargets(arn, [...targetIds, targetId]);
    return false;
  };

  return {
    list,

    /**
     * Subscribes to the messages of a target. One by e-mail has to be confirmed by a link in the message that SNS sends. SNS has
     * one subscription of an address to a topic (documented: SNS, Subscribe), so a further target joins its filter policy.
     * @returns whether it waits for confirmation
     * @throws Error when the address has another subscription that cannot be changed
     */
    async subscribe(targetId: string, { protocol, endpoint }: Subscriber): Promise<boolean> {
      const known = (await list()).find((one) => one.protocol === protocol && one.endpoint === endpoint);
      if (known) return await join(targetId, known);
      const { SubscriptionArn = "" } = await client.send(
        new SubscribeCommand({
          TopicArn: topicArn,
          Protocol: protocol,
          Endpoint: endpoint,
          Attributes: { FilterPolicy: policyOf([targetId]), FilterPolicyScope: "MessageAttributes" },
        }),
      );
      return !SubscriptionArn.startsWith("arn:");
    },

    /**
     * Takes a target out of the subscriptions' filter policies, and removes those that have no other. SNS deletes one that is
     * not confirmed after 48 hours (documented: AWS news of 2023-05-10); it cannot be removed before.
     * @returns the subscriptions that were of the target
     */
    async unsubscribe(targetId: string): Promise<Subscription[]> {
      const own = (await list()).filter(({ targetIds }) => targetIds?.includes(targetId));
      for (const { arn, targetIds = [] } of own) {
        const others = targetIds.filter((one) => one !== targetId);
        await (others.length === 0
          ? client.send(new UnsubscribeCommand({ SubscriptionArn: arn }))
          : setTargets(arn!, others));
      }
      return own;
    },
  };
};

const policyOf = (targetIds: readonly string[]): string => JSON.stringify({ target: targetIds });

/** The targets that a filter policy lets through; undefined for any other policy. */
export function targetsInPolicy(policy: string | undefined): readonly string[] | undefined {
  try {
    const { target } = JSON.parse(policy ?? "{}") as { target?: unknown };
    return Array.isArray(target) && target.every((one) => typeof one === "string") ? target : undefined;
  } catch {
    return undefined;
  }
}
