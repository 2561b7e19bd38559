import { parentPort } from "node:worker_threads";
import { errorMessage } from "../../../../base/errors.ts";
import type { Look, Network, Seen } from "./messages.ts";

/** Runs a network in this worker, beside the main loop, which a picture would block for 100 ms and more. */
export function serve<Found>(network: Promise<Network<Found>>): void {
  // The first look reports it.
  network.catch(() => {});
  parentPort!.on("message", ({ id, ...picture }: Look) => {
    void network
      .then((find) => find(picture))
      .then(
        (found): Seen<Found> => ({ id, found }),
        (error: unknown): Seen<Found> => ({ id, error: errorMessage(error) }),
      )
      .then((seen) => parentPort!.postMessage(seen));
  });
}
