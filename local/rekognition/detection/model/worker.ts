import { parentPort } from "node:worker_threads";
import { errorMessage } from "../../../../base/errors.ts";
import type { Look, Seen } from "./messages.ts";
import { loadNetwork } from "./network.ts";

/** Runs the model beside the main loop, which a picture would block for 100 ms. */
const network = loadNetwork();
// The first look reports it.
network.catch(() => {});

parentPort!.on("message", ({ id, ...picture }: Look) => {
  void network
    .then((find) => find(picture))
    .then(
      (objects): Seen => ({ id, objects }),
      (error: unknown): Seen => ({ id, error: errorMessage(error) }),
    )
    .then((seen) => parentPort!.postMessage(seen));
});
