import type { AwsError } from "../errors.ts";
import { accessDenied } from "./errors.ts";
import { checkPolicy } from "./check-policy.ts";
import type { Context } from "./conditions.ts";
import { evaluateRole, evaluateService, evaluateTrust, type Refusal } from "./evaluate.ts";
import { IssuedCredentials, type Identity } from "./credentials.ts";
import { grantsFor, grantsOf, type Grant } from "./grants.ts";
import { AccessLog } from "./access-log.ts";
import type { Policy } from "./policy.ts";
import type { Credentials, Principal } from "./principal.ts";

/** A role of the template. */
export interface Role {
  readonly name: string;
  readonly arn: string;
  readonly trust: Policy;
  readonly policies: readonly Policy[];
  /** The permissions boundary: the most that the policies can allow. */
  readonly boundary?: Policy | undefined;
}

/** Policies of a role or a resource, and the grants in them. */
interface Granted {
  readonly policies: readonly Policy[];
  readonly grants: readonly Grant[];
}

const NOTHING: Granted = { policies: [], grants: [] };

/** The roles of the template, the credentials issued for them, and the decision on every call. */
export class Access {
  /** Which permissions were used, and which calls were denied. */
  readonly log = new AccessLog();
  readonly #accountId: string;
  readonly #partition: string;
  readonly #roles = new Map<string, Role>();
  /** By the ARN of their role or resource. */
  readonly #granted = new Map<string, Granted>();
  readonly #credentials = new IssuedCredentials();

  constructor(accountId: string, partition = "aws") {
    this.#accountId = accountId;
    this.#partition = partition;
  }

  /** @throws OperatorError for a policy that would not be honoured */
  addRole(role: Role): void {
    const owner = `role ${role.name}`;
    checkPolicy(role.trust, owner, "trust");
    for (const policy of role.policies) checkPolicy(policy, owner, "identity");
    this.#roles.set(role.arn, role);
    this.#grant(role.arn, role.policies);
  }

  /** Removes a role; calls with its credentials are denied from now on. */
  removeRole(arn: string): void {
    this.#roles.delete(arn);
    this.#granted.delete(arn);
  }

  role(arn: string): Role | undefined {
    return this.#roles.get(arn);
  }

  /** Replaces a role's policies for all its later calls. */
  replacePolicies(roleArn: string, policies: readonly Policy[]): void {
    const role = this.#roles.get(roleArn);
    if (!role) throw new RangeError(`${roleArn} is not a role of the template`);
    this.addRole({ ...role, policies });
  }

  /**
   * Adds a resource-based policy, e.g. a Lambda permission.
   * @throws OperatorError for a policy that would not be honoured
   */
  addResourcePolicy(resourceArn: string, policy: Policy): void {
    checkPolicy(policy, resourceArn, "resource");
    this.#grant(resourceArn, [...this.#of(resourceArn).policies, policy]);
  }

  /** Everything that the policies of roles and resources allow, by the ARN of the role or resource. */
  grants(): ReadonlyMap<string, readonly Grant[]> {
    return new Map([...this.#granted].map(([owner, { grants }]) => [owner, grants]));
  }

  /**
   * A service assumes a role, if the role's trust policy allows it.
   * @param context the condition keys that AWS sets on this call: `aws:SourceArn`, if the service names the resource that
   *   it acts for (`aws:SourceAccount` is set with it), and `sts:ExternalId`
   * @throws AwsError AccessDenied
   */
  assumeRole(roleArn: string, service: string, context: Readonly<Record<string, string>> = {}): Principal {
    const action = "sts:AssumeRole";
    const role = this.#roles.get(roleArn);
    const source = context["aws:SourceArn"] !== undefined && { "aws:SourceAccount": this.#accountId };
    const request = {
      action,
      resource: roleArn,
      service,
      context: { ...ofService(service), ...source, ...context },
    };
    const refusal = role ? evaluateTrust(role.trust, request) : "because the role does not exist";
    if (!role || refusal) throw this.#refuse("AccessDenied", service, service, action, roleArn, refusal);
    const sessionName = service.split(".")[0];
    const arn = `arn:${this.#partition}:sts::${this.#accountId}:assumed-role/${role.name}/${sessionName}`;
    return { kind: "role", roleArn, arn };
  }

  /** An AWS service that acts as a service principal on behalf of a resource. */
  servicePrincipal(service: string, sourceArn: string): Principal {
    return { kind: "service", arn: service, service, sourceArn };
  }

  /**
   * Credentials by which the endpoint recognises the principal.
   * @param expiresAtMs on the local cloud's clock; without it they last until the local cloud stops
   */
  issue(principal: Principal, expiresAtMs?: number): Credentials {
    return this.#credentials.issue(principal, expiresAtMs);
  }

  /** Whether the local cloud issued this access key since it started. */
  isIssued(accessKeyId: string): boolean {
    return this.#credentials.has(accessKeyId);
  }

  /**
   * The principal that an access key belongs to, and the secret of its signatures. The account owner's secret equals any
   * access key id, so that there is nothing to set up; its session token is ignored.
   * @throws SignatureError for an issued key that is unknown, has expired or comes without its session token
   */
  identify(accessKeyId: string, sessionToken: string | undefined, nowMs: number): Identity {
    return (
      this.#credentials.identify(accessKeyId, sessionToken, nowMs) ?? {
        principal: { kind: "account", arn: this.#rootArn },
        secretAccessKey: accessKeyId,
      }
    );
  }

  /**
   * Allows the call, or throws AccessDenied with AWS's message; the log records both.
   * @param action the IAM action, e.g. `rekognition:StartStreamProcessor`
   * @param context the service's own condition keys
   */
  authorise(principal: Principal, action: string, resource: string, context: Context = {}): void {
    const refusal = this.#decide(principal, action, resource, context);
    if (refusal === undefined || principal.kind === "account") return;
    const name = principal.kind === "role" ? principal.roleArn : principal.service;
    throw this.#refuse("AccessDeniedException", name, principal.arn, action, resource, refusal);
  }

  /** Whether the call would be allowed; the log records a permission that allows it, and no denial. */
  allows(principal: Principal, action: string, resource: string): boolean {
    return this.#decide(principal, action, resource, {}) === undefined;
  }

  get #rootArn(): string {
    return `arn:${this.#partition}:iam::${this.#accountId}:root`;
  }

  #decide(principal: Principal, action: string, resource: string, context: Context): Refusal {
    if (principal.kind === "account") return undefined;
    return principal.kind === "role"
      ? this.#decideForRole(principal, action, resource, context)
      : this.#decideForService(principal, action, resource, context);
  }

  #decideForRole(
    { roleArn, arn }: Extract<Principal, { kind: "role" }>,
    action: string,
    resource: string,
    ofCall: Context,
  ): Refusal {
    const own = this.#of(roleArn);
    const owner = policyOwner(resource);
    const its = this.#of(owner);
    const context = {
      ...ofCall,
      ...this.#contextOfEveryCall,
      "aws:PrincipalArn": roleArn,
      "aws:PrincipalAccount": this.#accountId,
      "aws:PrincipalIsAWSService": "false",
    };
    const call = { action, resource, context };
    const refusal = evaluateRole(
      { identity: own.policies, boundary: this.#roles.get(roleArn)?.boundary, resource: its.policies },
      { roleArn, sessionArn: arn, accountId: this.#accountId, rootArn: this.#rootArn },
      call,
    );
    if (refusal === undefined) {
      this.log.use(roleArn, grantsFor(own.grants, call));
      this.log.use(owner, grantsFor(its.grants, { ...call, principalArns: [roleArn, arn] }));
    }
    return refusal;
  }

  #decideForService(
    { service, sourceArn }: Extract<Principal, { kind: "service" }>,
    action: string,
    resource: string,
    ofCall: Context,
  ): Refusal {
    const owner = policyOwner(resource);
    const { policies, grants } = this.#of(owner);
    const context = {
      ...ofCall,
      ...this.#contextOfEveryCall,
      ...ofService(service),
      "aws:SourceArn": sourceArn,
      "aws:SourceAccount": this.#accountId,
    };
    const request = { action, resource, service, context };
    const refusal = evaluateService(policies, request);
    if (refusal === undefined) this.log.use(owner, grantsFor(grants, request));
    return refusal;
  }

  /** A call on loopback counts as one over TLS. */
  get #contextOfEveryCall() {
    return { "aws:SecureTransport": "true", "aws:ResourceAccount": this.#accountId };
  }

  #of(owner: string): Granted {
    return this.#granted.get(owner) ?? NOTHING;
  }

  #grant(owner: string, policies: readonly Policy[]): void {
    this.#granted.set(owner, { policies, grants: grantsOf(policies) });
  }

  #refuse(
    code: "AccessDenied" | "AccessDeniedException",
    principal: string,
    name: string,
    action: string,
    resource: string,
    refusal: Refusal,
  ): AwsError {
    const message = `User: ${name} is not authorized to perform: ${action} on resource: ${resource} ${refusal}`;
    this.log.deny({ principal, action, resource, message });
    return accessDenied(code, message);
  }
}

const ofService = (service: string) => ({
  "aws:PrincipalIsAWSService": "true",
  "aws:PrincipalServiceName": service,
});

/** The resource whose policy covers another: an object is covered by its bucket's. */
const policyOwner = (resource: string): string =>
  /^arn:[^:]*:s3:::/.test(resource) ? resource.split("/")[0]! : resource;
