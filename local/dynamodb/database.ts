import { once } from "node:events";
import type { IncomingMessage, Server } from "node:http";
import dynalite from "dynalite";
import { requestWith } from "../api/in-process.ts";
import { close } from "../endpoint.ts";
import { privateSocket } from "../private-socket.ts";
import { closing } from "./errors.ts";
import { closeIterators } from "./iterators.ts";

/** dynalite's response to a call. */
interface DatabaseResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: string;
}

/** dynalite in this process, called by its request handler. */
export class Database {
  readonly #server: Server;
  readonly #inProgress = new Set<Promise<unknown>>();
  #closing = false;

  /** @param folder of its LevelDB */
  constructor(folder: string) {
    closeIterators();
    this.#server = dynalite({ path: folder, createTableMs: 0 });
  }

  /** @throws AwsError ServiceUnavailable once the database closes */
  async send(request: IncomingMessage, body: Buffer): Promise<DatabaseResponse> {
    if (this.#closing) throw closing();
    const response = new Promise<DatabaseResponse>((resolve) =>
      this.#server.emit("request", requestWith(request, body), new ResponseWriter(resolve)),
    );
    this.#inProgress.add(response);
    return await response.finally(() => this.#inProgress.delete(response));
  }

  /**
   * Waits for the calls in progress: dynalite would otherwise write to a closed database. It closes its LevelDB as the last
   * step of a server that stops listening, so it listens for that moment, on a private socket.
   */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.allSettled(this.#inProgress);
    const socket = privateSocket();
    await once(this.#server.listen(socket.path), "listening");
    await close(this.#server);
    socket.remove();
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
