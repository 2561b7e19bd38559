import { secureBytes } from "../../../base/random.ts";
import type { Cloud } from "../../cloud.ts";
import type { Collection } from "../../documents.ts";
import { AwsError } from "../../errors.ts";
import type { Fragment } from "../fragment-store.ts";
import type { Stream } from "../streams.ts";
import { advance, beginning, type Progress, type SessionSettings } from "./session.ts";

/** A streaming session: whoever has its token may play it until it expires. */
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

/** The streaming sessions of the account; they outlive a restart. */
export class HlsSessions {
  readonly #cloud: Cloud;
  readonly #byToken: Collection<Session>;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.#byToken = cloud.documents.collection<Session>("kinesis-video/hls-sessions");
  }

  /** A session as it begins, not kept yet; undefined when no fragment is there to begin with. */
  begin(
    stream: Stream,
    settings: SessionSettings,
    fragments: readonly Fragment[],
    expiresS: number,
  ): Session | undefined {
    const nowMs = this.#cloud.clock.now();
    for (const { token, expiresAtMs } of this.#byToken.list())
      if (expiresAtMs <= nowMs) this.#byToken.delete(token);
    const progress = advance(beginning(nowMs), settings, fragments, nowMs);
    const first = progress.segments[0];
    if (!first) return undefined;
    return {
      // The tilde ends AWS's tokens too (observed).
      token: `${secureBytes(TOKEN_BYTES).toString("base64url")}~`,
      stream: { name: stream.name, arn: stream.arn },
      settings,
      progress,
      originMs: first.startMs,
      expiresAtMs: nowMs + expiresS * 1000,
    };
  }

  /** Lets the session be played. */
  keep(session: Session): void {
    this.#byToken.put(session.token, session);
  }

  /**
   * @throws AwsError NotAuthorizedException, with status 403 as players see it (observed; the API reference says both
   * 403 and 401)
   */
  find(token: string): Session {
    const session = this.#byToken.get(token);
    if (!session) throw new AwsError("NotAuthorizedException", "Streaming session token is invalid", 403);
    if (session.expiresAtMs <= this.#cloud.clock.now())
      throw new AwsError("NotAuthorizedException", "Streaming session token is expired", 403);
    return session;
  }

  /** Takes up the fragments whose time has come since. */
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
