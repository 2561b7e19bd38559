import { secureBytes } from "../../base/random.ts";
import type { Cloud } from "../cloud.ts";
import type { Collection } from "../documents.ts";
import { OperatorError } from "../errors.ts";
import { roleExists, roleNotFound } from "./errors.ts";
import { awsManagedPolicy } from "./managed-policies.ts";
import type { Policy } from "./policy.ts";

/** A role with everything that IAM's API shows of it. */
export interface RoleRecord {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly description?: string | undefined;
  readonly maxSessionSeconds: number;
  readonly tags: readonly { readonly Key: string; readonly Value: string }[];
  readonly createdAtMs: number;
  readonly trust: Policy;
  readonly inline: readonly InlinePolicy[];
  /** ARNs of the attached managed policies. */
  readonly attached: readonly string[];
  readonly boundaryArn?: string | undefined;
  /** A role of the template is created again at each start, as the template has it. */
  readonly isTemplate: boolean;
}

interface InlinePolicy {
  readonly name: string;
  readonly document: Policy;
}

/** What a role is created with; the rest has defaults. */
export type NewRole = Pick<RoleRecord, "name" | "path" | "trust" | "isTemplate"> & Partial<RoleRecord>;

const DEFAULT_SESSION_SECONDS = 3600;

/** The roles and managed policies. Every change takes effect on the next call. */
export class IamState {
  readonly #cloud: Cloud;
  /** The roles that users created; those of the template are not stored. */
  readonly #stored: Collection<RoleRecord>;
  readonly #roles = new Map<string, RoleRecord>();
  /** The managed policies of the template, by ARN. */
  readonly #managed = new Map<string, Policy>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.#stored = cloud.documents.collection("iam/roles");
    for (const role of this.#stored.list()) this.#roles.set(role.name, role);
  }

  /** Lets the stored roles decide calls, once the template's managed policies exist. */
  restore(): void {
    for (const role of this.#stored.list()) this.#apply(role);
  }

  arnOf(name: string): string {
    const path = this.#roles.get(name)?.path ?? "/";
    return `arn:${this.#cloud.partition}:iam::${this.#cloud.accountId}:role${path}${name}`;
  }

  /** Ordered by name. */
  list(): RoleRecord[] {
    return [...this.#roles.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** @throws AwsError NoSuchEntity */
  get(name: string): RoleRecord {
    const role = this.#roles.get(name);
    if (!role) throw roleNotFound(name);
    return role;
  }

  /** @throws AwsError EntityAlreadyExists; OperatorError for a policy of the template that would not be honoured */
  create(role: NewRole): RoleRecord {
    // Names are unique regardless of case (documented: CreateRole).
    const name = role.name.toLowerCase();
    if (this.list().some((other) => other.name.toLowerCase() === name)) throw roleExists(role.name);
    const record: RoleRecord = {
      id: `AROA${secureBytes(9).toString("hex").toUpperCase().slice(0, 17)}`,
      maxSessionSeconds: DEFAULT_SESSION_SECONDS,
      tags: [],
      createdAtMs: this.#cloud.clock.now(),
      inline: [],
      attached: [],
      ...role,
    };
    this.#put(record);
    return record;
  }

  /** @throws AwsError NoSuchEntity */
  change(name: string, changes: Partial<RoleRecord>): void {
    this.#put({ ...this.get(name), ...changes });
  }

  delete({ name }: RoleRecord): void {
    this.#cloud.access.removeRole(this.arnOf(name));
    this.#roles.delete(name);
    this.#stored.delete(name);
  }

  addManagedPolicy(arn: string, policy: Policy): void {
    this.#managed.set(arn, policy);
  }

  managedPolicy(arn: string): Policy | undefined {
    return this.#managed.get(arn) ?? awsManagedPolicy(arn);
  }

  #put(role: RoleRecord): void {
    this.#apply(role);
    this.#roles.set(role.name, role);
    if (!role.isTemplate) this.#stored.put(role.name, role);
  }

  /** A managed policy that a template no longer has allows nothing. */
  #apply({ name, path, trust, inline, attached, boundaryArn, isTemplate }: RoleRecord): void {
    const managed = attached.map((arn) => ({ arn, policy: this.managedPolicy(arn) }));
    const missing = isTemplate && managed.find(({ policy }) => !policy)?.arn;
    if (missing) throw notEmulated(missing);
    const boundary = boundaryArn === undefined ? undefined : this.managedPolicy(boundaryArn);
    if (boundaryArn !== undefined && !boundary) throw notEmulated(boundaryArn);
    this.#cloud.access.addRole({
      name,
      arn: `arn:${this.#cloud.partition}:iam::${this.#cloud.accountId}:role${path}${name}`,
      trust,
      policies: [...inline.map(({ document }) => document), ...managed.flatMap(({ policy }) => policy ?? [])],
      boundary,
    });
  }
}

const notEmulated = (arn: string): OperatorError =>
  new OperatorError(
    `the managed policy ${arn} is not emulated; define it in the template as an AWS::IAM::ManagedPolicy`,
  );
