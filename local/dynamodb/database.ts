import { once } from "node:events";
import type { IncomingMessage, Server } from "node:http";
import { Readable } from "node:stream";
import dynalite from "dynalite";
import { close } from "../endpoint.ts";

/** dynalite's response to a call. */
interface DatabaseResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: string;
}

/**
 * dynalite in this process. A call goes to its request handler directly, without a second connection, which would take
 * longer than the call itself. It listens on a port only because it cannot be closed otherwise.
 */
export class Database {
  readonly #server: Server;
  readonly #inProgress = new Set<Promise<unknown>>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(folder: string): Promise<Database> {
    const server = dynalite({ path: folder, createTableMs: 0 });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new Database(server);
  }

  async send({ method, url, headers }: IncomingMessage, body: Buffer): Promise<DatabaseResponse> {
    const request = Object.assign(Readable.from([body]), { method, url, headers });
    const response = new Promise<DatabaseResponse>((resolve) =>
      this.#server.emit("request", request, new ResponseWriter(resolve)),
    );
    this.#inProgress.add(response);
    return await response.finally(() => this.#inProgress.delete(response));
  }

  /** Waits for the calls in progress: dynalite would otherwise write to a closed database. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#inProgress);
    await close(this.#server);
  }
}

/** The part of an HTTP response that dynalite uses. */
class ResponseWriter {
  statusCode = 200;
  readonly #headers: Record<string, string | number> = {};
  readonly #done: (response: DatabaseResponse) => void;

  constructor(done: (response: DatabaseResponse) => void) {
    this.#done = done;
  }

  setHeader(name: string, value: string | number): void {
    this.#headers[name] = value;
  }

  end(body = ""): void {
    this.#done({ status: this.statusCode, headers: this.#headers, body });
  }
}
