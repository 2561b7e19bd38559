import { secureBytes } from "../../base/random.ts";
import type { Credentials, Principal } from "./principal.ts";
import { SignatureError } from "./errors.ts";

/** Prefix of the access keys that the local cloud issues; any other key is the account owner's. */
const ISSUED_KEY_PREFIX = "ASIALOCAL";

/** The principal that an access key belongs to. */
export interface Identity {
  readonly principal: Principal;
  readonly secretAccessKey: string;
}

interface Issued {
  readonly principal: Principal;
  readonly credentials: Credentials;
  readonly expiresAtMs: number;
}

const INVALID_TOKEN = "The security token included in the request is invalid.";
const RENEW =
  "Assume the role again with AssumeRole; credentials expire when the local cloud that issued them stops.";

/** The credentials that the local cloud issued; they expire when it stops. */
export class IssuedCredentials {
  readonly #byKey = new Map<string, Issued>();

  issue(principal: Principal, expiresAtMs = Infinity): Credentials {
    const accessKeyId = ISSUED_KEY_PREFIX + secureBytes(8).toString("hex").toUpperCase().slice(0, 11);
    const credentials = {
      accessKeyId,
      secretAccessKey: secureBytes(30).toString("base64"),
      sessionToken: secureBytes(48).toString("base64"),
    };
    this.#byKey.set(accessKeyId, { principal, credentials, expiresAtMs });
    return credentials;
  }

  has(accessKeyId: string): boolean {
    return this.#byKey.has(accessKeyId);
  }

  /**
   * The principal of an issued key; undefined for any other key.
   * @throws SignatureError for an issued key that is unknown, has expired or comes without its session token
   */
  identify(accessKeyId: string, sessionToken: string | undefined, nowMs: number): Identity | undefined {
    if (!accessKeyId.startsWith(ISSUED_KEY_PREFIX)) return undefined;
    const issued = this.#byKey.get(accessKeyId);
    if (!issued) throw new SignatureError("unknown key", INVALID_TOKEN, RENEW);
    const { principal, credentials, expiresAtMs } = issued;
    if (credentials.sessionToken !== sessionToken)
      throw new SignatureError(
        "wrong token",
        INVALID_TOKEN,
        "Send the session token that came with the key.",
      );
    if (nowMs >= expiresAtMs)
      throw new SignatureError(
        "expired token",
        "The security token included in the request is expired",
        RENEW,
      );
    return { principal, secretAccessKey: credentials.secretAccessKey };
  }
}
