import type { Readable } from "node:stream";
import type { Clock } from "../base/clock.ts";
import type { ClientConfig } from "../operator/client-config.ts";
import type { RouteInput, RouteName, RouteOutput, ROUTES } from "../schemas/console/routes.ts";

/** The stack that the console shows, and how to reach it. */
export interface ConsoleContext {
  readonly config: ClientConfig;
  readonly stack: string;
  readonly clock: Clock;
}

/** What a handler knows of its request. */
interface RequestContext {
  /** Aborts when the client goes away, or the console closes. */
  readonly signal: AbortSignal;
}

/** Bytes of a picture or a clip. */
export interface Bytes {
  readonly stream: Readable;
  readonly length?: number | undefined;
}

type Result<Name extends RouteName> = (typeof ROUTES)[Name]["answer"]["kind"] extends "json"
  ? RouteOutput<Name>
  : Bytes;

/** What a handler gets: parsed parameters and JSON, or the stream of a body of bytes. */
type Input<Name extends RouteName> = RouteInput<Name> &
  ((typeof ROUTES)[Name] extends { readonly body: { readonly kind: "bytes" } }
    ? { readonly stream: Readable }
    : unknown);

/** A route's function, by the route's name. It throws a {@link ConsoleProblem} for what the reader can fix. */
export type Handlers = {
  readonly [Name in Exclude<RouteName, "live">]: (
    input: Input<Name>,
    request: RequestContext,
  ) => Promise<Result<Name>>;
};
