import { once } from "node:events";
import type { IncomingMessage, Server } from "node:http";
import { Readable } from "node:stream";
import dynalite from "dynalite";
import { close } from "../endpoint.ts";
import { closing } from "./errors.ts";
import { privateSocket, type PrivateSocket } from "../private-socket.ts";

/** dynalite's response to a call. */
interface DatabaseResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: string;
}

/**
 * dynalite in this process. A call goes to its request handler directly, without a second connection, which would take
 * longer than the call itself. It listens, on a private socket, only because it cannot be closed otherwise.
 */
export class Database {
  readonly #server: Server;
  readonly #socket: PrivateSocket;
  readonly #inProgress = new Set<Promise<unknown>>();
  #closing = false;

  private constructor(server: Server, socket: PrivateSocket) {
    this.#server = server;
    this.#socket = socket;
  }

  static async open(folder: string): Promise<Database> {
    const server = dynalite({ path: folder, createTableMs: 0 });
    const socket = privateSocket();
    server.listen(socket.path);
    await once(server, "listening");
    return new Database(server, socket);
  }

  /** @throws AwsError ServiceUnavailable once the database closes */
  async send({ method, url, headers }: IncomingMessage, body: Buffer): Promise<DatabaseResponse> {
    if (this.#closing) throw closing();
    const request = Object.assign(Readable.from([body]), { method, url, headers });
    const response = new Promise<DatabaseResponse>((resolve) =>
      this.#server.emit("request", request, new ResponseWriter(resolve)),
    );
    this.#inProgress.add(response);
    return await response.finally(() => this.#inProgress.delete(response));
  }

  /** Waits for the calls in progress: dynalite would otherwise write to a closed database. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.allSettled(this.#inProgress);
    await close(this.#server);
    this.#socket.remove();
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
