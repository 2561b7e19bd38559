import type { Cloud } from "../cloud.ts";
import type { Collection } from "../documents.ts";
import { Executions } from "./engine/executions.ts";
import { invalidRequest } from "./errors.ts";
import type { NamedQueryRecord, WorkGroupRecord } from "./records.ts";
import { PRIMARY } from "./work-groups.ts";

/** What the actions and the resource types share. */
export class AthenaState {
  readonly #cloud: Cloud;
  readonly executions: Executions;
  readonly workGroups: Collection<WorkGroupRecord>;
  readonly namedQueries: Collection<NamedQueryRecord>;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.executions = new Executions(cloud);
    this.workGroups = cloud.documents.collection("athena/work-groups");
    this.namedQueries = cloud.documents.collection("athena/named-queries");
    if (!this.workGroups.get(PRIMARY))
      this.workGroups.put(PRIMARY, {
        name: PRIMARY,
        state: "ENABLED",
        createdAtMs: cloud.clock.now(),
        configuration: { EnforceWorkGroupConfiguration: false },
      });
    // The template may no longer have those of an earlier start.
    for (const { id } of this.namedQueries.list()) this.namedQueries.delete(id);
  }

  /** @throws AwsError InvalidRequestException */
  workGroup(name: string): WorkGroupRecord {
    const workGroup = this.workGroups.get(name);
    if (!workGroup) throw invalidRequest(`WorkGroup ${name} is not found.`);
    return workGroup;
  }

  /** @throws AwsError InvalidRequestException */
  namedQuery(id: string): NamedQueryRecord {
    const query = this.namedQueries.get(id);
    if (!query) throw invalidRequest(`NamedQuery ${id} was not found`);
    return query;
  }

  arnOfWorkGroup(name: string): string {
    return this.#cloud.arn("athena", `workgroup/${name}`);
  }

  /** ARN of a saved query's workgroup; of any workgroup when there is no such query. */
  arnOfNamedQuery(id: string): string {
    return this.arnOfWorkGroup(this.namedQueries.get(id)?.workGroup ?? "*");
  }

  /** ARN of an execution's workgroup; of any workgroup when there is no such execution. */
  arnOfExecution(id: string): string {
    return this.arnOfWorkGroup(this.executions.find(id)?.workGroup ?? "*");
  }
}
