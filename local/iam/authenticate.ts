import type { IncomingMessage } from "node:http";
import type { Api } from "../api/api.ts";
import type { Body } from "../api/body.ts";
import type { Clock } from "../../base/clock.ts";
import type { Access } from "./access.ts";
import type { Principal } from "./principal.ts";
import type { SignableRequest } from "./canonical-request.ts";
import { payloadOf } from "./payload.ts";
import { SignatureError } from "./errors.ts";
import { checkTime, isAuthentic, SigningKeys, type Signature } from "./signature.ts";

/** A caller with a valid signature, and the body that it covers. */
export interface Authenticated {
  readonly caller: Principal;
  readonly body: Body;
}

/** The part of a request that a signature can cover, without the body. */
export const signablePart = ({
  method = "GET",
  url = "/",
  headersDistinct,
}: IncomingMessage): SignableRequest => ({
  method,
  target: url,
  headers: headersDistinct,
});

/** Verifies the signatures of calls. */
export class Authenticator {
  readonly #access: Access;
  readonly #clock: Clock;
  readonly #keys = new SigningKeys();

  constructor(access: Access, clock: Clock) {
    this.#access = access;
    this.#clock = clock;
  }

  /**
   * Finds the caller, and checks that the call is as it was signed.
   * @throws SignatureError
   * @throws AwsError, BodyTooLargeError as `payloadOf` does
   */
  async authenticate(
    request: IncomingMessage,
    url: URL,
    signature: Signature,
    api: Api,
  ): Promise<Authenticated> {
    const signable = signablePart(request);
    const nowMs = this.#clock.now();
    const { principal, secretAccessKey } = this.#access.identify(
      signature.accessKeyId,
      signature.sessionToken,
      nowMs,
    );
    checkSignedHeaders(signable, signature);
    // Clients outside sign with the machine's clock, functions with the local cloud's, which a test may have turned
    // forward since they started: any time between the two counts as now. A link that a role signed expires on the local
    // cloud's clock, as the role's credentials do.
    const isRolesLink = signature.isPresigned && principal.kind === "role";
    const earliestMs = isRolesLink ? nowMs : nowMs - this.#clock.offsetMs;
    checkTime(signature, { earliestMs, latestMs: nowMs });
    const { hash, body } = await payloadOf(request, url, signature, api.leavesBodyUnsigned?.(url) ?? false);
    if (!isAuthentic(signable, signature, hash, this.#keys.get(secretAccessKey, signature)))
      throw new SignatureError(
        "wrong signature",
        "The request signature we calculated does not match the signature you provided. " +
          "Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
        principal.kind === "account"
          ? "Here the account owner's secret access key equals the access key id: " +
              `set AWS_SECRET_ACCESS_KEY=${signature.accessKeyId}, or use credentials that AssumeRole returned.`
          : "",
      );
    return { caller: principal, body };
  }
}

/**
 * Which headers must be signed: Host (documented: IAM user guide), and on S3 every `x-amz-…` (documented: S3 API
 * reference, HeadersNotSigned). Elsewhere, producers leave the session token unsigned (observed: producer-c).
 */
function checkSignedHeaders({ headers }: SignableRequest, { service, signedHeaders }: Signature): void {
  const isRequired = (name: string): boolean =>
    name === "host" || (service === "s3" && name.startsWith("x-amz-"));
  const left = Object.keys(headers).filter((name) => isRequired(name) && !signedHeaders.includes(name));
  if (left.includes("host"))
    throw new SignatureError(
      "header left unsigned",
      "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
    );
  if (left.length > 0)
    throw new SignatureError("header left unsigned", "", `Add ${left.join(", ")} to SignedHeaders.`);
}
