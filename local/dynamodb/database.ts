import { once } from "node:events";
import type { IncomingMessage, Server } from "node:http";
import { Readable } from "node:stream";
import dynalite from "dynalite";
import { close } from "../endpoint.ts";

/** What dynalite answered to a call. */
export interface DatabaseAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: string;
}

/**
 * dynalite in this process: a call is handed to its request handler as it came, without the way over a second
 * connection, which would take longer than the call itself. It listens only because it can be closed no other way.
 */
export class Database {
  readonly #server: Server;
  readonly #underWay = new Set<Promise<unknown>>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(folder: string): Promise<Database> {
    const server = dynalite({ path: folder, createTableMs: 0 });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new Database(server);
  }

  async ask({ method, url, headers }: IncomingMessage, body: Buffer): Promise<DatabaseAnswer> {
    const request = Object.assign(Readable.from([body]), { method, url, headers });
    const answer = new Promise<DatabaseAnswer>((resolve) =>
      this.#server.emit("request", request, new Response(resolve)),
    );
    this.#underWay.add(answer);
    return await answer.finally(() => this.#underWay.delete(answer));
  }

  /** Once every call is answered: dynalite would write to a closed database otherwise. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    await close(this.#server);
  }
}

/** As much of an HTTP response as dynalite writes to. */
class Response {
  statusCode = 200;
  readonly #headers: Record<string, string | number> = {};
  readonly #answer: (answer: DatabaseAnswer) => void;

  constructor(answer: (answer: DatabaseAnswer) => void) {
    this.#answer = answer;
  }

  setHeader(name: string, value: string | number): void {
    this.#headers[name] = value;
  }

  end(body = ""): void {
    this.#answer({ status: this.statusCode, headers: this.#headers, body });
  }
}
