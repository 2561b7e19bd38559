import { request as httpRequest, type Agent, type IncomingHttpHeaders } from "node:http";

export interface HttpRequest {
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/**
 * One request with `node:http`, which sends paths, header values and bodies as they are, however odd. A kept connection
 * that the server had just closed is no response, so the request is sent once more (documented: Node.js,
 * `request.reusedSocket`).
 */
export async function send(url: string, request: HttpRequest, agent: Agent): Promise<HttpAnswer> {
  try {
    return await sendOnce(url, request, agent);
  } catch (error) {
    if (!(error instanceof StaleConnection)) throw error;
    return await sendOnce(url, request, agent);
  }
}

class StaleConnection extends Error {}

const sendOnce = (
  url: string,
  { method, headers = {}, body = "" }: HttpRequest,
  agent: Agent,
): Promise<HttpAnswer> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const path = url.slice(url.indexOf("/", "http://".length));
    const length = { "content-length": String(Buffer.byteLength(body)) };
    const request = httpRequest(
      { hostname, port, path, method, agent, headers: { ...length, ...headers } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("error", reject);
        response.once("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString("utf8"),
          }),
        );
      },
    );
    request.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        request.reusedSocket && error.code === "ECONNRESET"
          ? new StaleConnection("the connection was closed", { cause: error })
          : error,
      ),
    );
    request.end(body);
  });
