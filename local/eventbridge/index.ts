import { jsonApi } from "../api/json.ts";
import type { Service } from "../service.ts";
import { describeRule } from "./actions/describe-rule.ts";
import { listEventBuses } from "./actions/list-event-buses.ts";
import { listRules } from "./actions/list-rules.ts";
import { listTargetsByRule } from "./actions/list-targets-by-rule.ts";
import { putEvents } from "./actions/put-events.ts";
import { Deliveries } from "./deliveries.ts";
import { resourceTypes } from "./resources.ts";
import { DEFAULT_BUS, Rules } from "./rules.ts";
import { Schedules } from "./schedules.ts";

/** What the actions share. */
export interface EventBridgeState {
  readonly rules: Rules;
  readonly deliveries: Deliveries;
}

/**
 * Amazon EventBridge: buses, rules on events and on schedules, and their targets, which are functions and queues.
 * Targets are called in the service's own name, so functions and queues must permit it, as on AWS.
 *
 * Tells the events event-received, bus-unknown, schedule-run, delivered, delivery-retried, delivery-failed and dead-letter-failed.
 */
export const eventbridge: Service = {
  name: "eventbridge",
  start: (cloud) => {
    const rules = new Rules({ name: DEFAULT_BUS, arn: cloud.arn("events", `event-bus/${DEFAULT_BUS}`) });
    const deliveries = new Deliveries(cloud, rules);
    const schedules = new Schedules(cloud, rules, deliveries);
    const api = jsonApi<EventBridgeState>(
      {
        signingName: "events",
        targetPrefix: "AWSEvents",
        version: "1.1",
        invalidInputCode: "ValidationException",
        actions: {
          PutEvents: putEvents,
          ListEventBuses: listEventBuses,
          ListRules: listRules,
          DescribeRule: describeRule,
          ListTargetsByRule: listTargetsByRule,
        },
      },
      cloud,
      { rules, deliveries },
    );
    return {
      apis: [api],
      resources: resourceTypes(cloud, rules),
      ready: () => {
        deliveries.resume();
        schedules.start();
      },
      stop: async () => {
        schedules.stop();
        await deliveries.stop();
      },
    };
  },
};
