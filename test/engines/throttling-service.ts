import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { close } from "../../local/endpoint.ts";

/** The port of discard, where nothing listens. */
export const UNREACHABLE = "http://127.0.0.1:9";

/** A service of AWS that throttles every call. */
export async function startThrottling(): Promise<{ endpoint: string; stop: () => Promise<void> }> {
  const server = createServer((_, response) => {
    response.writeHead(400, { "content-type": "application/x-amz-json-1.1" });
    response.end(JSON.stringify({ __type: "ThrottlingException", message: "Rate exceeded" }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}`, stop: () => close(server) };
}
