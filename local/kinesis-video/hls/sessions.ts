import { secureBytes } from "../../../base/random.ts";
import type { Cloud } from "../../cloud.ts";
import type { Collection } from "../../documents.ts";
import { notAuthorized } from "../errors.ts";
import type { Fragment } from "../fragments/fragment.ts";
import type { Stream } from "../streams.ts";
import { advance, initialProgress, type Progress, type SessionSettings } from "./session.ts";

/** A streaming session, open to every player with its token until it expires. */
export interface Session {
  readonly token: string;
  readonly stream: Pick<Stream, "name" | "arn">;
  readonly settings: SessionSettings;
  readonly progress: Progress;
  /** The timestamp at which the session's timeline begins. */
  readonly originMs: number;
  readonly expiresAtMs: number;
}

const TOKEN_BYTES = 96;

/** The streaming sessions of the account; they survive a restart. */
export class HlsSessions {
  readonly #cloud: Cloud;
  readonly #byToken: Collection<Session>;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.#byToken = cloud.documents.collection<Session>("kinesis-video/hls-sessions");
  }

  /** A new session, not stored yet; undefined when there is no fragment to start with. */
  create(
    stream: Stream,
    settings: SessionSettings,
    fragments: readonly Fragment[],
    expiresS: number,
  ): Session | undefined {
    const nowMs = this.#cloud.clock.now();
    for (const { token, expiresAtMs } of this.#byToken.list())
      if (expiresAtMs <= nowMs) this.#byToken.delete(token);
    const progress = advance(initialProgress(nowMs), settings, fragments, nowMs);
    const first = progress.segments[0];
    if (!first) return undefined;
    return {
      // AWS's tokens end in a tilde, too (observed).
      token: `${secureBytes(TOKEN_BYTES).toString("base64url")}~`,
      stream: { name: stream.name, arn: stream.arn },
      settings,
      progress,
      originMs: first.startMs,
      expiresAtMs: nowMs + expiresS * 1000,
    };
  }

  /** Makes the session playable. */
  store(session: Session): void {
    this.#byToken.put(session.token, session);
  }

  /** @throws AwsError NotAuthorizedException */
  find(token: string): Session {
    const session = this.#byToken.get(token);
    if (!session) throw notAuthorized("Streaming session token is invalid");
    if (session.expiresAtMs <= this.#cloud.clock.now())
      throw notAuthorized("Streaming session token is expired");
    return session;
  }

  /** Adds the fragments that became due. */
  advance(session: Session, fragments: readonly Fragment[]): Session {
    const progress = advance(session.progress, session.settings, fragments, this.#cloud.clock.now());
    if (
      progress.segments.at(-1) === session.progress.segments.at(-1) &&
      progress.complete === session.progress.complete
    )
      return session;
    const advanced = { ...session, progress };
    this.#byToken.put(session.token, advanced);
    return advanced;
  }
}
