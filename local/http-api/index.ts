import { createServer } from "node:http";
import { TooManyRequestsException } from "@aws-sdk/client-lambda";
import { errorMessage } from "../../base/errors.ts";
import { close, listen } from "../endpoint.ts";
import type { Service } from "../service.ts";
import { handleRequest, send } from "./handle-request.ts";
import { resourceTypes } from "./resources.ts";
import { openState } from "./state.ts";

/**
 * Amazon API Gateway HTTP API, on an address of its own. It has no API for its settings: they come from the template.
 *
 * Emits the events answered and fault.
 */
export const httpApi = (port: number): Service => ({
  name: "http-api",
  start: async (cloud) => {
    const state = openState(cloud);
    const server = createServer((request, response) => {
      handleRequest(cloud, state, request, response).catch((error: unknown) => {
        cloud.events.emit("http-api", "fault", { error: errorMessage(error) });
        if (response.headersSent) response.destroy();
        // How API Gateway responds for a function without concurrency left is unconfirmed.
        else if (error instanceof TooManyRequestsException) send(response, 503, "Service Unavailable");
        else send(response, 500, "Internal Server Error");
      });
    });
    const address = await listen(server, port, "HTTP API", "--http-port");
    return { resources: resourceTypes(address, state), stop: () => close(server) };
  },
});
