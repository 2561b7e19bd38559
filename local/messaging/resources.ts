import type { Cloud } from "../cloud.ts";
import type { ResourceType } from "../template/resource.ts";
import type { OutsideSubscriptions } from "./outside/subscriptions.ts";
import { queuePolicyType, queueType } from "./resources/queues.ts";
import { subscriptionType, topicPolicyType, topicType } from "./resources/topics.ts";
import type { Subscriptions } from "./subscriptions.ts";

export const resourceTypes = (
  cloud: Cloud,
  subscriptions: Subscriptions,
  outside: OutsideSubscriptions,
): Record<string, ResourceType> => ({
  "AWS::SNS::Topic": topicType(cloud),
  "AWS::SNS::TopicPolicy": topicPolicyType(cloud),
  "AWS::SNS::Subscription": subscriptionType(cloud, subscriptions, outside),
  "AWS::SQS::Queue": queueType(cloud),
  "AWS::SQS::QueuePolicy": queuePolicyType(cloud),
});
