import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { close } from "../../local/endpoint.ts";

/** A response of an AWS service, or undefined for a connection that breaks. */
type ScriptedResponse =
  { readonly status?: number; readonly error?: string; readonly body?: object } | undefined;

/** A service that responds to requests in turn as a test says, for what the local cloud does not do at will. */
export async function scriptedService() {
  const responses: ScriptedResponse[] = [];
  const requests: unknown[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      requests.push(JSON.parse(body));
      const next = responses.shift();
      if (!next) return request.socket.destroy();
      const { error, status = error === undefined ? 200 : 400 } = next;
      response.writeHead(status, {
        "content-type": "application/x-amz-json-1.1",
        ...(error !== undefined && { "x-amzn-errortype": error }),
      });
      response.end(JSON.stringify({ ...(error !== undefined && { __type: error }), ...next.body }));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    /** Of a client of the service, which sends each request once. */
    config: {
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      region: "us-east-1",
      credentials: { accessKeyId: "tester", secretAccessKey: "tester" },
      maxAttempts: 1,
    },
    /** The bodies of the requests so far. */
    requests,
    respond: (...next: ScriptedResponse[]) => void responses.push(...next),
    stop: () => close(server),
  };
}
