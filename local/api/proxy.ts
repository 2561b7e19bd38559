import { Agent, request as httpRequest } from "node:http";
import { pipeline } from "node:stream/promises";
import { AwsError } from "../errors.ts";
import type { Call } from "./api.ts";

const agent = new Agent({ keepAlive: true });

/**
 * Passes a call on to a server on this machine, and its response back.
 * @param socketPath the Unix socket of the server
 * @throws AwsError when the body turns out not to be what was signed; the server has not had all of it then
 */
export async function passOn(call: Call, socketPath: string): Promise<void> {
  const { request, response } = call;
  await new Promise<void>((resolve, reject) => {
    const outgoing = httpRequest(
      { socketPath, path: request.url, method: request.method, headers: request.headers, agent },
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
    pipeline(call.body, outgoing).catch((error: unknown) => {
      // Every other failure of the body reaches the handlers above.
      if (error instanceof AwsError) reject(error);
    });
  });
}
