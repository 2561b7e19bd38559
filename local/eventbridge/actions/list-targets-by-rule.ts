import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { findRule, ruleArn } from "../named-rule.ts";
import type { EventBridgeState } from "../state.ts";

type Input = { Rule: string; EventBusName?: string | undefined };

export const listTargetsByRule: Action<EventBridgeState, Input, unknown> = {
  input: v.object({ Rule: v.string(), EventBusName: v.optional(v.string()), Limit: v.optional(v.number()) }),
  resources: ({ Rule, EventBusName }, context) => ruleArn(context, Rule, EventBusName),
  run: ({ Rule, EventBusName }, { state: { rules } }) => ({
    Targets: findRule(rules, Rule, EventBusName).targets.map((target) => ({
      Id: target.id,
      Arn: target.arn,
      Input: target.inputText,
      InputPath: target.inputPath,
      RetryPolicy: {
        MaximumRetryAttempts: target.maxRetries,
        MaximumEventAgeInSeconds: target.maxEventAgeMs / 1000,
      },
      DeadLetterConfig: target.deadLetterQueueArn && { Arn: target.deadLetterQueueArn },
    })),
  }),
};
