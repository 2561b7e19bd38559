import { once } from "node:events";
import { Agent, createServer, request as httpRequest, type IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { expect, test } from "@jest/globals";
import { TurnableClock } from "../../../base/clock.ts";
import { endResponse } from "../../../local/kinesis-video/put-media/end-response.ts";

const REQUESTS = 12;

test("leaves no listeners on a connection with one refused request after another", async () => {
  const clock = new TurnableClock();
  const sockets = new Set<Socket>();
  const listeners: number[] = [];
  const server = createServer((request, response) => {
    sockets.add(request.socket);
    listeners.push(request.socket.listenerCount("close"));
    response.write("refused");
    request.once("data", () => endResponse(request, response, clock));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let count = 0; count < REQUESTS; count++) {
    const request = httpRequest({ port, host: "127.0.0.1", method: "POST", agent });
    request.write("first");
    const [response] = (await once(request, "response")) as [IncomingMessage];
    response.resume();
    const free = once(agent, "free");
    await once(response, "end");
    request.end("rest");
    await free;
  }
  agent.destroy();
  server.close();
  expect(sockets.size).toBe(1);
  expect(listeners).toHaveLength(REQUESTS);
  expect(listeners.at(-1)).toBe(listeners[1]);
});
