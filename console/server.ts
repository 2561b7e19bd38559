import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import { systemClock, type Clock } from "../base/clock.ts";
import type { ClientConfig } from "../operator/client-config.ts";
import type { Route } from "../schemas/console/routes.ts";
import { handlersOf } from "./api.ts";
import { openCloud, type ConsoleCloud } from "./cloud.ts";
import type { Bytes, Handlers } from "./handlers.ts";
import { warmUp } from "./lake/warm-up.ts";
import { LiveFeed } from "./live.ts";
import { openApi } from "./open-api.ts";
import { loadPageFiles, type PageFile } from "./page-files.ts";
import { ConsoleProblem, problemOf } from "./problem.ts";
import { inputOf, parsed, routeOf } from "./router.ts";
import {
  newToken,
  refuseForeign,
  requireCookie,
  requireOwnOrigin,
  SECURITY_HEADERS,
  setCookie,
  type Token,
} from "./security.ts";

const LOOPBACK = "127.0.0.1";
/** The same at each start, so that a page that is open goes on after its address was opened again. */
const DEFAULT_PORT = 4580;
/** More than the longest SQL takes as JSON. */
const MAX_JSON_BYTES = 2_000_000;
const MAX_CONNECTIONS = 200;
/** So that a parameter that is too long is refused in words, however it is encoded; Node's 16 KiB end in an empty response. */
const MAX_HEADER_BYTES = 65_536;

export interface ConsoleOptions {
  readonly config: ClientConfig;
  readonly stack: string;
  /** Whether it is the local cloud's stack. */
  readonly isLocal: boolean;
  /** By default {@link DEFAULT_PORT}, or any free one where that is in use. */
  readonly port?: number | undefined;
  readonly clock?: Clock;
}

/** A console that serves. */
export interface OpenConsole {
  /** With the token: `http://127.0.0.1:<port>/?token=…`. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves the console of a stack on loopback.
 * @throws Error that names the stack when it cannot be read, or the port when it is in use
 */
export async function openConsole(options: ConsoleOptions): Promise<OpenConsole> {
  const { config, stack, isLocal, port, clock = systemClock } = options;
  const [cloud, page] = await Promise.all([openCloud({ config, stack, isLocal, clock }), loadPageFiles()]);
  return await serveConsole(cloud, page, port);
}

/**
 * Serves on loopback, and closes the cloud with the server.
 * @throws Error that names the port when it is in use
 */
export async function serveConsole(
  cloud: ConsoleCloud,
  page: ReadonlyMap<string, PageFile>,
  port?: number,
): Promise<OpenConsole> {
  const live = new LiveFeed(cloud);
  const closing = new AbortController();
  const serving = new Serving(cloud, live, page, closing.signal);
  const server = createServer(
    { maxHeaderSize: MAX_HEADER_BYTES },
    (request, response) => void serving.serve(request, response),
  );
  server.maxConnections = MAX_CONNECTIONS;
  const close = async (): Promise<void> => {
    closing.abort(new Error("the console closes"));
    live.close();
    await closeServer(server);
    cloud.close();
  };
  try {
    if (port !== undefined) await listen(server, port);
    else await listen(server, DEFAULT_PORT).catch(() => listen(server, 0));
  } catch (error) {
    await close();
    throw error;
  }
  void warmUp(cloud, closing.signal);
  const address = `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`;
  return { url: `${address}/?token=${serving.token.value}`, close };
}

/** Listens on loopback only. */
async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, LOOPBACK, resolve);
  }).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === "EADDRINUSE" ? "is in use" : `cannot be used: ${error.message}`;
    throw new Error(`port ${port} for the console ${why}; choose another with --port`, { cause: error });
  });
}

async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

/** A handler as the server calls it, whatever its route. */
type AnyHandler = (input: object, request: { readonly signal: AbortSignal }) => Promise<unknown>;

class Serving {
  readonly token: Token = newToken();
  readonly #live: LiveFeed;
  readonly #page: ReadonlyMap<string, PageFile>;
  readonly #closing: AbortSignal;
  readonly #handlers: Handlers;

  constructor(
    cloud: ConsoleCloud,
    live: LiveFeed,
    page: ReadonlyMap<string, PageFile>,
    closing: AbortSignal,
  ) {
    this.#live = live;
    this.#page = page;
    this.#closing = closing;
    this.#handlers = handlersOf(cloud);
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    try {
      await this.#serve(request, response);
    } catch (error) {
      if (response.headersSent || response.destroyed) return void response.destroy();
      const { status, ...problem } = problemOf(error);
      sendJson(response, status, problem);
      // The client reads the response once it has sent its body.
      request.resume();
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const port = request.socket.localPort ?? 0;
    const { method = "GET", url = "/", headers } = request;
    refuseForeign(headers, port);
    const [path = "/", ...rest] = url.split("?");
    const search = new URLSearchParams(rest.join("?"));
    if (!path.startsWith("/api/")) return this.#servePage(request, response, path, search);
    requireCookie(headers, this.token, port);
    if (method === "GET" && path === "/api/openapi.json") return sendJson(response, 200, openApi());
    if (method !== "GET") requireOwnOrigin(headers);
    const matched = routeOf(method, path);
    const input = inputOf(matched, search);
    const { name, route } = matched;
    if (name === "live") return this.#live.serve(response);
    const handler = this.#handlers[name] as AnyHandler;
    const gone = new AbortController();
    response.once("close", () => gone.abort(new Error("the client went away")));
    const signal = AbortSignal.any([gone.signal, this.#closing]);
    const body = method === "GET" ? {} : await bodyOf(request, route);
    const result = await handler({ ...input, ...body }, { signal });
    if (signal.aborted) return void response.destroy();
    if (route.answer.kind === "json") return sendJson(response, 200, result);
    await sendBytes(response, result as Bytes, route);
  }

  #servePage(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    search: URLSearchParams,
  ): void {
    if (request.method !== "GET")
      throw new ConsoleProblem(405, `${path} does not take ${request.method}`, "use GET");
    const file = this.#page.get(path);
    const given = search.get("token");
    if (given !== null) {
      if (this.token.is(given))
        response.setHeader("set-cookie", setCookie(this.token, request.socket.localPort!));
      search.delete("token");
      // A path of the page alone: any other might be an address elsewhere.
      const target = `${file ? path : "/"}${search.size > 0 ? `?${search.toString()}` : ""}`;
      response.writeHead(303, { location: target, "cache-control": "no-store" }).end();
      return;
    }
    if (!file) throw new ConsoleProblem(404, `the console has no ${path}`, "open its address without a path");
    response.setHeader("etag", file.etag);
    response.setHeader("cache-control", "no-cache");
    if (request.headers["if-none-match"] === file.etag) return void response.writeHead(304).end();
    response.setHeader("content-type", file.contentType);
    response.writeHead(200, { "content-length": file.body.length }).end(file.body);
  }
}

/** @throws ConsoleProblem for a body of another type, that is too large, or that the schema refuses */
async function bodyOf(request: IncomingMessage, { body }: Route): Promise<object> {
  const type = request.headers["content-type"]?.split(";")[0]!.trim().toLowerCase();
  const types = body?.kind === "bytes" ? body.types : ["application/json"];
  if (type === undefined || !types.includes(type))
    throw new ConsoleProblem(
      415,
      `the content type is ${type ?? "missing"}`,
      `send the header content-type: ${types.join(" or ")}`,
    );
  const maxBytes = body?.kind === "bytes" ? body.maxBytes : MAX_JSON_BYTES;
  const tooLarge = new ConsoleProblem(413, `the body has more than ${maxBytes} bytes`, "send less");
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw tooLarge;
  if (body?.kind === "bytes") return { stream: request };
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge;
    chunks.push(chunk);
  }
  let json: unknown;
  try {
    json = JSON.parse(Buffer.concat(chunks).toString("utf8") || "{}");
  } catch {
    throw new ConsoleProblem(400, "the body is not JSON", "send JSON, or no body");
  }
  return body ? { body: parsed(body.schema, json, "the body") } : {};
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const text = JSON.stringify(value);
  response
    .writeHead(status, {
      "content-type": "application/json; charset=utf-8",
      "content-length": Buffer.byteLength(text),
      "cache-control": "no-store",
    })
    .end(text);
}

async function sendBytes(response: ServerResponse, { stream, length }: Bytes, route: Route): Promise<void> {
  response.writeHead(200, {
    "content-type": route.answer.kind === "bytes" ? route.answer.type : "application/octet-stream",
    "cache-control": "no-store",
    ...(length !== undefined && { "content-length": length }),
  });
  await pipeline(stream, response);
}
