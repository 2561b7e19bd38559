import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { randomId } from "../base/random.ts";
import { errorMessage } from "../base/errors.ts";
import {
  BodyTooLargeError,
  readBody,
  streamOf,
  type Api,
  type Control,
  type PublicHandler,
} from "./api/api.ts";
import { queryError, s3Error } from "./api/xml.ts";
import type { Clock } from "../base/clock.ts";
import { AwsError, OperatorError } from "./errors.ts";
import type { Access } from "./iam/access.ts";
import { Authenticator, signablePart } from "./iam/authenticate.ts";
import { asRefusal, SignatureError, type Protocol } from "./iam/refusal.ts";
import { readSignature } from "./iam/signature.ts";

const LOOPBACK = "127.0.0.1";
const MAX_CONTROL_BODY_BYTES = 1024 * 1024;

/** The one address of every AWS API: a request goes to the service that its signature names. */
export interface Endpoint {
  /** e.g. `http://127.0.0.1:4566` */
  readonly address: string;
  serve(api: Api): void;
  /** Lets unsigned requests to paths that begin so reach the handler. */
  open(pathPrefix: string, handler: PublicHandler): void;
  control(methodAndPath: string, control: Control): void;
  stop(): Promise<void>;
}

/**
 * @param port 0 for any free one
 * @throws OperatorError when the port is taken
 */
export async function startEndpoint(port: number, access: Access, clock: Clock): Promise<Endpoint> {
  const authenticator = new Authenticator(access, clock);
  const apis = new Map<string, Api>();
  const publicPaths = new Map<string, PublicHandler>();
  const controls = new Map<string, Control>();
  const server = createServer({ requestTimeout: 0 }, (request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else refuse(response, protocolOf(request), error);
    });
  });

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = urlOf(request);
    if (url.pathname.startsWith("/_doorstep/")) return await runControl(request, response, url);
    const [, handler] = [...publicPaths].find(([prefix]) => url.pathname.startsWith(prefix)) ?? [];
    if (handler && !isSigned(request, url)) return await handler({ request, response, url });
    const signature = readSignature(signablePart(request));
    const api = apis.get(signature.service);
    if (!api)
      throw new AwsError(
        "UnknownService",
        `the local cloud has no service ${signature.service}; it has ${[...apis.keys()].toSorted().join(", ")}`,
        404,
      );
    const { caller, body } = await authenticator.authenticate(request, url, signature, api);
    await api.handle({ request, response, url, body, caller, requestId: randomId() });
  };

  const runControl = async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const name = `${request.method} ${url.pathname}`;
    const control = controls.get(name);
    if (!control)
      throw new AwsError(
        "NotFound",
        `there is no local call ${name}; there are ${[...controls.keys()].join(", ")}`,
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
    stop: () => close(server),
  };
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

export async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

/** The address a request names; its Host header says nothing that matters here. */
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

/** Answered before the call reaches its service, in the form that the caller's protocol has for errors. */
function refuse(response: ServerResponse, protocol: Protocol, error: unknown): void {
  const { code, message, status } = asAwsError(error, protocol);
  const requestId = randomId();
  const isXml = protocol === "query" || protocol === "s3";
  response.writeHead(status, {
    "content-type": isXml ? "application/xml" : "application/json",
    "x-amzn-errortype": code,
    "x-amzn-requestid": requestId,
  });
  if (protocol === "query") response.end(queryError(code, message, requestId));
  else if (protocol === "s3") response.end(s3Error(code, message, requestId));
  else response.end(JSON.stringify({ __type: code, message, Message: message }));
}

function asAwsError(error: unknown, protocol: Protocol): AwsError {
  if (error instanceof AwsError) return error;
  if (error instanceof SignatureError) return asRefusal(error, protocol);
  if (error instanceof BodyTooLargeError)
    return new AwsError("RequestEntityTooLargeException", error.message, 413);
  return new AwsError("InternalFailure", errorMessage(error), 500);
}

/** The protocol that a request is in, as far as one can see without knowing its service. */
function protocolOf({ headers, url = "" }: IncomingMessage): Protocol {
  // Signature Version 2 in a header or a link is S3's, as far as anybody still sends it.
  const claim = headers.authorization ?? url.replaceAll("%2F", "/");
  if (/\/s3\/aws4_request|^AWS |[?&]AWSAccessKeyId=/.test(claim)) return "s3";
  if (headers["x-amz-target"] !== undefined) return "json";
  const isForm = headers["content-type"]?.startsWith("application/x-www-form-urlencoded");
  return isForm || /[?&]Action=/.test(url) ? "query" : "rest-json";
}
