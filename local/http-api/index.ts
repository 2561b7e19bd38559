import { createServer } from "node:http";
import { TooManyRequestsException } from "@aws-sdk/client-lambda";
import { errorMessage } from "../../base/errors.ts";
import { close, listen } from "../endpoint.ts";
import type { Service } from "../service.ts";
import { handleRequest, send } from "./handle-request.ts";
import { resourceTypes } from "./resources.ts";
import { openState } from "./state.ts";

/**
 * Amazon API Gateway HTTP API, on its own address. Its settings come from the template alone.
 *
 * Emits the events responded and fault.
 */
export const httpApi = (port: number): Service => ({
  name: "http-api",
  start: async (cloud) => {
    const state = openState(cloud);
    const server = createServer((request, response) => {
      handleRequest(cloud, state, request, response).catch((error: unknown) => {
        cloud.events.emit("http-api", "fault", { error: errorMessage(error) });
        if (response.headersSent) response.destroy();
        // Unconfirmed: how API Gateway responds when a function has no concurrency left.
        else if (error instanceof TooManyRequestsException) send(response, 503, "Service Unavailable");
        else send(response, 500, "Internal Server Error");
      });
    });
    const address = await listen(server, port, "HTTP API", "--http-port");
    return {
      resources: resourceTypes(address, state),
      ready: () => void (state.isReady = true),
      stop: () => close(server),
    };
  },
});
