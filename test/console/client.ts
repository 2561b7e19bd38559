import { request as httpRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body, if it is JSON. */
  readonly json: unknown;
}

/** A client of a console that sends exactly the headers that it is given, which `fetch` does not. */
export class ConsoleClient {
  readonly port: number;
  readonly token: string;
  /** The headers of the console's own page. */
  readonly own: Readonly<Record<string, string>>;

  constructor(url: string) {
    const { port, searchParams } = new URL(url);
    this.port = Number(port);
    this.token = searchParams.get("token")!;
    this.own = {
      host: `127.0.0.1:${port}`,
      origin: `http://127.0.0.1:${port}`,
      cookie: `other=1; doorstep-console-${port}=${this.token}`,
    };
  }

  send(
    method: string,
    path: string,
    options: { readonly headers?: OutgoingHttpHeaders; readonly body?: string | Buffer } = {},
  ): Promise<Answer> {
    const { headers = {}, body } = options;
    return new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
      const request = httpRequest({
        host: "127.0.0.1",
        port: this.port,
        method,
        path,
        headers: { ...length, ...headers },
        agent: false,
      });
      request.on("error", reject);
      request.on("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          const isJson = response.headers["content-type"]?.startsWith("application/json");
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            text,
            json: isJson ? JSON.parse(text) : undefined,
          });
        });
      });
      request.end(body);
    });
  }

  /** As the page reads. */
  get(path: string): Promise<Answer> {
    return this.send("GET", path, { headers: this.own });
  }

  /** As the page writes. */
  write(method: string, path: string, body: unknown): Promise<Answer> {
    const headers = { ...this.own, "content-type": "application/json" };
    return this.send(method, path, { headers, body: JSON.stringify(body) });
  }
}
