import type { Fauxqs } from "../fauxqs.ts";
import type { Service } from "../service.ts";
import { followClock } from "./queue-clock.ts";
import { resourceTypes } from "./resources.ts";
import { snsApi } from "./sns-api.ts";
import { sqsApi } from "./sqs-api.ts";
import { Receives } from "./visibility.ts";
import { isDeliveryQueue, Subscriptions } from "./subscriptions.ts";

/**
 * Amazon SNS and SQS: fauxqs behind the endpoint, and the deliveries to Lambda and Firehose that fauxqs does not have.
 *
 * Emits the events published, delivered, delivery-failed, delivery-interrupted and dead-letter-refused, as the service sns.
 */
export const messaging = (fauxqs: Fauxqs): Service => ({
  name: "messaging",
  start: (cloud) => {
    const subscriptions = new Subscriptions(cloud, fauxqs);
    // Deliveries of SNS follow the machine's time: turning the clock must not deliver twice what is in progress.
    followClock(fauxqs.queues, cloud.clock, (name) => !isDeliveryQueue(name));
    return {
      apis: [snsApi(cloud, fauxqs), sqsApi(cloud, fauxqs, new Receives(fauxqs.queues, cloud.clock))],
      resources: resourceTypes(cloud, subscriptions),
      ready: () => subscriptions.start(),
      stop: () => subscriptions.stop(),
    };
  },
});
