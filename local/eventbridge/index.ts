import { jsonApi } from "../api/json.ts";
import type { Service } from "../service.ts";
import { describeRule } from "./actions/describe-rule.ts";
import { listEventBuses } from "./actions/list-event-buses.ts";
import { listRules } from "./actions/list-rules.ts";
import { listTargetsByRule } from "./actions/list-targets-by-rule.ts";
import { putEvents } from "./actions/put-events.ts";
import { resourceTypes } from "./resources.ts";
import { openState } from "./state.ts";

/**
 * Amazon EventBridge: buses, rules on events and on schedules, and their targets, which are functions and queues.
 * EventBridge calls targets as a service principal, so functions and queues must permit it, as on AWS.
 *
 * Emits the events event-received, bus-unknown, schedule-run, delivered, delivery-retried, delivery-failed and
 * dead-letter-failed.
 */
export const eventbridge: Service = {
  name: "eventbridge",
  start: (cloud) => {
    const state = openState(cloud);
    const { rules, deliveries, schedules } = state;
    return {
      apis: [
        jsonApi(
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
          state,
        ),
      ],
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
