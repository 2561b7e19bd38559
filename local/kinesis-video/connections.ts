import { connectionLimitExceeded } from "./errors.ts";

/** Connections per stream (documented: service quotas). */
const LIMITS = { PutMedia: 1, GetMedia: 3, GetMediaForFragmentList: 5 } as const;

/** A connection that counts against its stream's limit until it is closed. */
export interface Connection {
  /** Aborts, with the reason, when the connection is ended from this side. */
  readonly signal: AbortSignal;
  end(reason: Error): void;
  close(): void;
}

/** The stream was deleted while a connection was open. */
export class StreamDeletedError extends Error {
  override readonly name = "StreamDeletedError";
}

/** The long-lived connections of every stream. */
export class Connections {
  readonly #open = new Map<Connection, { api: string; arn: string; closed: Promise<void> }>();

  /** @throws AwsError ConnectionLimitExceededException */
  open(api: keyof typeof LIMITS, arn: string): Connection {
    const others = [...this.#open.values()].filter((one) => one.api === api && one.arn === arn);
    if (others.length >= LIMITS[api]) throw connectionLimitExceeded(LIMITS[api], api, arn);
    const controller = new AbortController();
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const connection: Connection = {
      signal: controller.signal,
      end: (reason) => controller.abort(reason),
      close: () => {
        this.#open.delete(connection);
        resolve();
      },
    };
    this.#open.set(connection, { api, arn, closed });
    return connection;
  }

  /** Ends the connections of one stream, or of all, and resolves when each is closed. */
  async endAll(reason: Error, arn?: string): Promise<void> {
    const ended = [...this.#open].filter(([, one]) => arn === undefined || one.arn === arn);
    for (const [connection] of ended) connection.end(reason);
    await Promise.all(ended.map(([, { closed }]) => closed));
  }
}
