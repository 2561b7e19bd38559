import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { MINUTE_MS } from "../base/durations.ts";
import { randomId } from "../base/random.ts";
import { errorMessage } from "../base/errors.ts";
import type { Api, Control, PublicHandler } from "./api/api.ts";
import { readBody, streamOf } from "./api/body.ts";
import { foreignPart } from "../base/foreign-request.ts";
import { foreignMessage } from "./api/foreign-message.ts";
import { asAwsError, sendError, type Protocol } from "./api/protocols.ts";
import type { Clock } from "../base/clock.ts";
import { AwsError, OperatorError } from "./errors.ts";
import type { Events } from "./events.ts";
import type { Access } from "./iam/access.ts";
import { Authenticator, signablePart } from "./iam/authenticate.ts";
import { asRefusal, SignatureError } from "./iam/errors.ts";
import { readSignature } from "./iam/signature.ts";

const LOOPBACK = "127.0.0.1";
const MAX_CONTROL_BODY_BYTES = 1024 * 1024;

/** The address of every AWS API: a request goes to the service that its signature names. */
export interface Endpoint {
  /** e.g. `http://127.0.0.1:4566` */
  readonly address: string;
  serve(api: Api): void;
  /** Passes unsigned requests to paths with this prefix to the handler. */
  open(pathPrefix: string, handler: PublicHandler): void;
  control(methodAndPath: string, control: Control): void;
  /**
   * Opens or closes the endpoint for everybody but services and functions of the local cloud, whose credentials it issued;
   * it is closed at first. Others get 503 with Retry-After, after which SDKs send the request again.
   */
  setOpen(isOpen: boolean): void;
  stop(): Promise<void>;
}

/** What the endpoint serves with. */
interface EndpointOptions {
  /** 0 for any free one. */
  readonly port: number;
  readonly access: Access;
  readonly clock: Clock;
  readonly events: Events;
}

/** @throws OperatorError when the port is taken */
export async function startEndpoint({ port, access, clock, events }: EndpointOptions): Promise<Endpoint> {
  const authenticator = new Authenticator(access, clock);
  const apis = new Map<string, Api>();
  const publicPaths = new Map<string, PublicHandler>();
  const controls = new Map<string, Control>();
  let isOpen = false;
  // Clients reuse a connection long after its last request; Node would close it after 5 s.
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: MINUTE_MS }, (request, response) => {
    void serve(request, response);
  });

  /** Errors are in the protocol of the called service, or of the request while the service is unknown. */
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const requestId = randomId();
    let protocol = protocolOf(request);
    let service = "local";
    try {
      const url = urlOf(request);
      const [, handler] = [...publicPaths].find(([prefix]) => url.pathname.startsWith(prefix)) ?? [];
      const isPublic = handler !== undefined && !isSigned(request, url);
      const ownPort = request.socket.localPort ?? 0;
      // Addresses with a token may be used by pages of this machine: video players that somebody works on.
      const foreign = foreignPart(request.headers, ownPort, isPublic ? "of this machine" : "own");
      if (foreign !== undefined)
        throw new AwsError("AccessDeniedException", foreignMessage(foreign, ownPort), 403);
      if (!isOpen && !isOwnCall(request, url)) throw notReady(response);
      if (url.pathname.startsWith("/_doorstep/")) return await runControl(request, response, url);
      if (isPublic) {
        protocol = "rest-json";
        return await handler({ request, response, url });
      }
      const signature = readSignature(signablePart(request));
      const api = apis.get(signature.service);
      if (!api)
        throw new AwsError(
          "UnknownService",
          `the local cloud has no service ${signature.service}; it has ${[...apis.keys()].toSorted().join(", ")}`,
          404,
        );
      ({ protocol, signingName: service } = api);
      const { caller, body } = await authenticator.authenticate(request, url, signature, api);
      await api.handle({ request, response, url, body, caller, requestId });
    } catch (error) {
      if (response.headersSent) return void response.destroy();
      const awsError =
        error instanceof SignatureError ? asRefusal(error, protocol) : asAwsError(error, events);
      sendError(response, awsError, { protocol, service, requestId });
    }
  };

  /** Whether a service or a function calls; a forged access key fails when its signature is checked. */
  const isOwnCall = (request: IncomingMessage, url: URL): boolean =>
    isSigned(request, url) && access.isIssued(readSignature(signablePart(request)).accessKeyId);

  const runControl = async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const name = `${request.method} ${url.pathname}`;
    const control = controls.get(name);
    if (!control)
      throw new AwsError(
        "NotFound",
        `the local call ${name} does not exist; the local calls are ${[...controls.keys()].join(", ")}`,
        404,
      );
    const body = (await readBody(streamOf(request), MAX_CONTROL_BODY_BYTES)).toString("utf8");
    const result = await control(body ? parse(body) : undefined, url);
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(result ?? {}));
  };

  const address = await listen(server, port, "AWS endpoint", "--aws-port");
  return {
    address,
    serve: (api) => void apis.set(api.signingName, api),
    open: (pathPrefix, handler) => void publicPaths.set(pathPrefix, handler),
    control: (name, control) => void controls.set(name, control),
    setOpen: (value) => void (isOpen = value),
    stop: () => close(server),
  };
}

/** The error while the stack is created or stops; SDKs wait for the header's seconds and send the request again. */
function notReady(response: ServerResponse): AwsError {
  response.setHeader("retry-after", "1");
  return new AwsError("ServiceUnavailable", "the local cloud is starting or stopping; try again", 503);
}

/** Listens on loopback only. */
export async function listen(server: Server, port: number, what: string, option: string): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, LOOPBACK, resolve);
  }).catch((error: NodeJS.ErrnoException) => {
    throw new OperatorError(
      error.code === "EADDRINUSE"
        ? `port ${port} for the ${what} is in use; stop what uses it or choose another with ${option}`
        : `port ${port} for the ${what} cannot be used: ${error.message}; choose another with ${option}`,
    );
  });
  return `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`;
}

/** @throws OperatorError as `listen`; 0, for any free port, is never in use */
export async function refusePortInUse(port: number, what: string, option: string): Promise<void> {
  const server = createServer();
  await listen(server, port, what, option);
  await close(server);
}

export async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

/** The URL of a request; its Host header does not matter here. */
export function urlOf(request: IncomingMessage): URL {
  try {
    return new URL(`http://${LOOPBACK}${request.url ?? "/"}`);
  } catch {
    throw new AwsError("InvalidURI", `${request.url} is not the path of a URL`);
  }
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new AwsError("SerializationException", `the request body is not JSON: ${errorMessage(error)}`);
  }
}

const isSigned = (request: IncomingMessage, url: URL): boolean =>
  request.headers.authorization !== undefined || url.searchParams.has("X-Amz-Credential");

/** The protocol that a request's form suggests, for errors while its service is unknown. */
function protocolOf({ headers, url = "" }: IncomingMessage): Protocol {
  // Only S3's clients still send Signature Version 2, in a header or a link.
  const claim = headers.authorization ?? url.replaceAll("%2F", "/");
  if (/\/s3\/aws4_request|^AWS |[?&]AWSAccessKeyId=/.test(claim)) return "s3";
  const contentType = headers["content-type"] ?? "";
  if (headers["x-amz-target"] !== undefined)
    return contentType.includes("x-amz-json-1.0") ? "json-1.0" : "json-1.1";
  const isForm = contentType.startsWith("application/x-www-form-urlencoded");
  return isForm || /[?&]Action=/.test(url) ? "query" : "rest-json";
}
