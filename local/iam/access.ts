import { randomBytes } from "node:crypto";
import type { Credentials } from "../cloud.ts";
import { AwsError } from "../errors.ts";
import { SignatureError } from "./refusal.ts";
import { checkPolicy, decide, type AccessRequest, type Decision, type Policy } from "./policy.ts";

/** Who makes a call. */
export type Principal =
  /** Whoever runs the local cloud: any access key that it did not issue itself. May do everything. */
  | { readonly kind: "account"; readonly arn: string }
  /** A role of the template, assumed by a function or a service. May do what its policies allow. */
  | { readonly kind: "role"; readonly arn: string; readonly roleArn: string }
  /** An AWS service in its own name. May do what the resource's policy allows. */
  | { readonly kind: "service"; readonly arn: string; readonly service: string; readonly sourceArn: string };

/** A role of the template. */
export interface Role {
  readonly name: string;
  readonly arn: string;
  readonly trust: Policy;
  readonly policies: readonly Policy[];
}

/** Prefix of the access keys that the local cloud issues; any other key is the account owner's. */
const ISSUED_KEY_PREFIX = "ASIALOCAL";

/** Who holds an access key. */
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
const RENEW = "Take the role anew with AssumeRole; credentials end with the local cloud that gave them.";

/** The roles of the template, the credentials issued for them, and the decision on every call. */
export class Access {
  readonly #accountId: string;
  readonly #partition: string;
  readonly #roles = new Map<string, Role>();
  readonly #resourcePolicies = new Map<string, Policy[]>();
  readonly #issued = new Map<string, Issued>();

  constructor(accountId: string, partition = "aws") {
    this.#accountId = accountId;
    this.#partition = partition;
  }

  addRole(role: Role): void {
    for (const policy of [role.trust, ...role.policies]) checkPolicy(policy, `role ${role.name}`);
    this.#roles.set(role.arn, role);
  }

  role(arn: string): Role | undefined {
    return this.#roles.get(arn);
  }

  /** Adds a policy that a resource itself carries, e.g. a Lambda permission. */
  addResourcePolicy(resourceArn: string, policy: Policy): void {
    checkPolicy(policy, resourceArn);
    this.#resourcePolicies.set(resourceArn, [...(this.#resourcePolicies.get(resourceArn) ?? []), policy]);
  }

  /**
   * A service takes a role, if the role's trust policy lets it.
   * @param context condition keys that AWS sets on this call, e.g. `aws:SourceArn`, `sts:ExternalId`
   * @throws AwsError AccessDenied
   */
  assumeRole(roleArn: string, service: string, context: Readonly<Record<string, string>> = {}): Principal {
    const role = this.#roles.get(roleArn);
    const request = {
      action: "sts:AssumeRole",
      resource: roleArn,
      service,
      context: { "aws:SourceAccount": this.#accountId, ...context },
    };
    if (!role || decide([role.trust], request) !== "allowed")
      throw new AwsError(
        "AccessDenied",
        `${service} is not authorized to perform: sts:AssumeRole on resource: ${roleArn} because ` +
          (role ? "no statement of the role's trust policy allows it" : "the role does not exist"),
        403,
      );
    const sessionName = service.split(".")[0];
    const arn = `arn:${this.#partition}:sts::${this.#accountId}:assumed-role/${role.name}/${sessionName}`;
    return { kind: "role", roleArn, arn };
  }

  /** An AWS service acting in its own name on behalf of a resource. */
  servicePrincipal(service: string, sourceArn: string): Principal {
    return { kind: "service", arn: service, service, sourceArn };
  }

  /**
   * Credentials by which the endpoint recognises the principal.
   * @param expiresAtMs on the local cloud's clock; without it they last until the local cloud stops
   */
  issue(principal: Principal, expiresAtMs = Infinity): Credentials {
    const accessKeyId = ISSUED_KEY_PREFIX + randomBytes(8).toString("hex").toUpperCase().slice(0, 11);
    const credentials = {
      accessKeyId,
      secretAccessKey: randomBytes(30).toString("base64"),
      sessionToken: randomBytes(48).toString("base64"),
    };
    this.#issued.set(accessKeyId, { principal, credentials, expiresAtMs });
    return credentials;
  }

  /**
   * Who this access key belongs to, and the secret that its signatures are made with. The account owner's secret equals
   * the access key id, whatever that is, so that there is nothing to set up; a session token beside it means nothing.
   * @throws SignatureError for an issued key that is unknown, has expired or comes without its session token
   */
  identify(accessKeyId: string, sessionToken: string | undefined, nowMs: number): Identity {
    if (!accessKeyId.startsWith(ISSUED_KEY_PREFIX))
      return { principal: { kind: "account", arn: this.#rootArn }, secretAccessKey: accessKeyId };
    const issued = this.#issued.get(accessKeyId);
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

  /**
   * Lets the call pass or throws AccessDenied in AWS's words.
   * @param action the IAM action, e.g. `rekognition:StartStreamProcessor`
   */
  authorise(principal: Principal, action: string, resource: string): void {
    if (principal.kind === "account") return;
    const resourcePolicies = this.#resourcePolicies.get(policyOwner(resource)) ?? [];
    // A call on loopback stands for one over TLS: nobody else hears it.
    const context = { "aws:SecureTransport": "true", "aws:SourceAccount": this.#accountId };
    const decision =
      principal.kind === "role"
        ? this.#decideForRole(principal.roleArn, resourcePolicies, {
            action,
            resource,
            context,
            principalArns: [principal.roleArn, principal.arn, this.#accountId, this.#rootArn],
          })
        : decide(resourcePolicies, {
            action,
            resource,
            service: principal.service,
            context: { ...context, "aws:SourceArn": principal.sourceArn },
          });
    if (decision === "allowed") return;
    const policy = principal.kind === "role" ? "identity-based" : "resource-based";
    throw new AwsError(
      "AccessDeniedException",
      `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource} ` +
        (decision === "explicitly denied"
          ? `with an explicit deny in ${policy === "identity-based" ? "an" : "a"} ${policy} policy`
          : `because no ${policy} policy allows the ${action} action`),
      403,
    );
  }

  get #rootArn(): string {
    return `arn:${this.#partition}:iam::${this.#accountId}:root`;
  }

  /** In one account a role needs an Allow of its own, and no Deny of the resource's (documented: IAM, policy evaluation). */
  #decideForRole(roleArn: string, resourcePolicies: readonly Policy[], request: AccessRequest): Decision {
    if (decide(resourcePolicies, request) === "explicitly denied") return "explicitly denied";
    return decide(this.#roles.get(roleArn)?.policies ?? [], request);
  }
}

/** The resource whose policy covers another: an object is covered by its bucket's. */
const policyOwner = (resource: string): string =>
  /^arn:[^:]*:s3:::/.test(resource) ? resource.split("/")[0]! : resource;
