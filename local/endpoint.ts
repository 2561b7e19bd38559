import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { readBody, type Api, type Control } from "./api/api.ts";
import { AwsError, messageOf, OperatorError } from "./errors.ts";
import type { Access } from "./iam/access.ts";

const LOOPBACK = "127.0.0.1";
const MAX_CONTROL_BODY_BYTES = 1024 * 1024;

/** The one address of every AWS API: a request goes to the service that its signature names. */
export interface Endpoint {
  /** e.g. `http://127.0.0.1:4566` */
  readonly address: string;
  serve(api: Api): void;
  control(methodAndPath: string, control: Control): void;
  stop(): Promise<void>;
}

/**
 * @param port 0 for any free one
 * @throws OperatorError when the port is taken
 */
export async function startEndpoint(port: number, access: Access): Promise<Endpoint> {
  const apis = new Map<string, Api>();
  const controls = new Map<string, Control>();
  const server = createServer({ requestTimeout: 0 }, (request, response) => {
    answer(request, response).catch((error: unknown) => {
      const refusal =
        error instanceof AwsError ? error : new AwsError("InternalFailure", messageOf(error), 500);
      if (response.headersSent) response.destroy();
      else refuse(response, refusal);
    });
  });

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "/", `http://${request.headers.host ?? LOOPBACK}`);
    if (url.pathname.startsWith("/_doorstep/")) return await runControl(request, response, url);
    const { accessKeyId, signingName } = credentialScope(request, url);
    const api = apis.get(signingName);
    if (!api)
      throw new AwsError(
        "UnknownService",
        `the local cloud has no service ${signingName}; it has ${[...apis.keys()].toSorted().join(", ")}`,
        404,
      );
    const token = request.headers["x-amz-security-token"] ?? url.searchParams.get("X-Amz-Security-Token");
    const caller = access.identify(accessKeyId, token ? String(token) : undefined);
    await api.handle({ request, response, url, caller, requestId: randomUUID() });
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
    const body = (await readBody(request, MAX_CONTROL_BODY_BYTES)).toString("utf8");
    const result = await control(body ? (JSON.parse(body) as unknown) : undefined, url);
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(result ?? {}));
  };

  const address = await listen(server, port, "AWS endpoint", "--aws-port");
  return {
    address,
    serve: (api) => void apis.set(api.signingName, api),
    control: (name, control) => void controls.set(name, control),
    stop: () => close(server),
  };
}

/** Listens on loopback only. */
export async function listen(server: Server, port: number, what: string, option: string): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "EADDRINUSE"
          ? new OperatorError(
              `port ${port} for the ${what} is in use; stop what uses it or choose another with ${option}`,
            )
          : error,
      ),
    );
    server.listen(port, LOOPBACK, resolve);
  });
  return `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`;
}

export async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

/** Who signed and for which service: the first and fourth part of `<key>/<date>/<region>/<service>/aws4_request`. */
function credentialScope(request: IncomingMessage, url: URL): { accessKeyId: string; signingName: string } {
  const header = request.headers.authorization ?? "";
  const scope = /Credential=([^,\s]+)/.exec(header)?.[1] ?? url.searchParams.get("X-Amz-Credential");
  const [accessKeyId, , , signingName] = scope?.split("/") ?? [];
  if (!accessKeyId || !signingName)
    throw new AwsError(
      "MissingAuthenticationToken",
      "the request is not signed; use an AWS SDK or the CLI with any credentials and AWS_ENDPOINT_URL set to this address",
      403,
    );
  return { accessKeyId, signingName };
}

/** Answered before a service is known, so in a form that JSON and XML clients both take as an error. */
function refuse(response: ServerResponse, { code, message, status }: AwsError): void {
  response.writeHead(status, { "content-type": "application/json", "x-amzn-errortype": code });
  response.end(JSON.stringify({ __type: code, message, Message: message }));
}
