import { Agent, request as httpRequest } from "node:http";
import type { Call } from "./api.ts";

const agent = new Agent({ keepAlive: true });

/** Passes a call on to a server on this machine and its answer back, as they are. */
export async function passOn(call: Call, address: string, body?: Buffer): Promise<void> {
  const { request, response } = call;
  const { hostname, port } = new URL(address);
  await new Promise<void>((resolve, reject) => {
    const outgoing = httpRequest(
      { hostname, port, path: request.url, method: request.method, headers: request.headers, agent },
      (incoming) => {
        response.writeHead(incoming.statusCode ?? 502, incoming.headers);
        incoming.pipe(response);
        incoming.once("end", resolve);
        incoming.once("error", reject);
      },
    );
    outgoing.once("error", reject);
    response.once("close", () => {
      if (!response.writableFinished) outgoing.destroy();
      resolve();
    });
    if (body) outgoing.end(body);
    else request.pipe(outgoing);
  });
}
