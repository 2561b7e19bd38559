import type { IncomingMessage, ServerResponse } from "node:http";
import type { Principal } from "../iam/principal.ts";
import type { Body } from "./body.ts";
import type { Protocol } from "./protocols.ts";

/** A request on the AWS endpoint whose caller is known by its signature. */
export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  /** Reading it fails with an AwsError when it is not what was signed. */
  readonly body: Body;
  readonly caller: Principal;
  readonly requestId: string;
}

/** One AWS API as the endpoint serves it. */
export interface Api {
  /** The service in the credential scope of the signature, which routes the request here, e.g. `firehose`. */
  readonly signingName: string;
  /** The protocol of its errors. */
  readonly protocol: Protocol;
  /** Names of its actions, e.g. `PutRecord`; or the program behind the endpoint that implements them, e.g. `fauxqs`. */
  readonly actions: readonly string[] | string;
  /** Whether the body of a call to this address is left out of its signature, as PutMedia's is. */
  readonly leavesBodyUnsigned?: (url: URL) => boolean;
  /** Authorises the call and responds to it; the endpoint responds with what this throws. */
  handle(call: Call): Promise<void>;
}

/** Responds to requests without a signature: the address itself gives access, by a token in it. Errors have the form of a REST-JSON API's. */
export type PublicHandler = (exchange: Pick<Call, "request" | "response" | "url">) => Promise<void>;

/** A local-only call; what it returns, or resolves to, is the response, as JSON. */
export type Control = (body: unknown, url: URL) => unknown;
