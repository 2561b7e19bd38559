import type { Fauxqs } from "../fauxqs.ts";
import type { Service } from "../service.ts";
import { forgetReceives, isDeliveryQueue } from "./delivery-queue.ts";
import { linkHandler } from "./outside/links.ts";
import { LINK_PATH, OutsideSubscriptions } from "./outside/subscriptions.ts";
import { followClock } from "./queue-clock.ts";
import { resourceTypes } from "./resources.ts";
import { snsApi } from "./sns-api.ts";
import { sqsApi } from "./sqs-api.ts";
import { Receives } from "./visibility.ts";
import { Subscriptions } from "./subscriptions.ts";

/**
 * Amazon SNS and SQS: fauxqs behind the endpoint, and the deliveries that fauxqs does not have: to Lambda and Firehose, by
 * HTTP, and as files of e-mails and SMS.
 *
 * Emits the events published, delivered, confirmation-sent, delivery-failed, delivery-interrupted and dead-letter-refused,
 * as the service sns.
 */
export const messaging = (fauxqs: Fauxqs): Service => ({
  name: "messaging",
  start: (cloud) => {
    const subscriptions = new Subscriptions(cloud, fauxqs);
    const outside = new OutsideSubscriptions(cloud, fauxqs);
    // Deliveries of SNS follow the machine's time: turning the clock must not deliver twice what is in progress.
    forgetReceives(fauxqs.queues);
    cloud.sourcesOfRecords.add(() => subscriptions.passedOn());
    followClock(fauxqs.queues, cloud.clock, (name) => !isDeliveryQueue(name));
    return {
      apis: [snsApi(cloud, fauxqs, outside), sqsApi(cloud, fauxqs, new Receives(fauxqs.queues, cloud.clock))],
      publicPaths: { [LINK_PATH]: linkHandler(outside) },
      resources: resourceTypes(cloud, subscriptions, outside),
      ready: () => subscriptions.start(),
      // An endpoint may confirm while it handles the request to do so, which needs the cloud's open endpoint.
      opened: () => outside.start(),
      stop: async () => {
        await outside.stop();
        await subscriptions.stop();
      },
    };
  },
});
