import { createHash } from "node:crypto";
import { randomId } from "../../base/random.ts";
import type { Cloud } from "../cloud.ts";
import type { Collection } from "../documents.ts";
import { functionNotFound, mappingExists, mappingNotFound } from "./errors.ts";
import { checkMapping, pollerOf, settingsOf, type Mapping } from "./event-source-mapping.ts";
import type { Poller } from "./poller.ts";
import type { FunctionRuntime } from "./runtime.ts";
import type { Checkpoint } from "./stream-poller.ts";

/** What a mapping is created with. */
export interface NewMapping extends Pick<Mapping, "functionArn" | "sourceArn" | "enabled" | "given"> {
  /** The name of the template's resource; by default the mapping is one of the API. */
  readonly generatedName?: string;
}

/**
 * The event source mappings of the account. Those of the API survive a restart; those of the template are at each start what
 * the template says. The checkpoints of both survive.
 */
export class EventSourceMappings {
  readonly #cloud: Cloud;
  readonly #functions: ReadonlyMap<string, FunctionRuntime>;
  readonly #ofApi: Collection<Mapping>;
  readonly #checkpoints: Collection<Checkpoint>;
  readonly #all = new Map<string, Mapping>();
  readonly #pollers = new Map<string, Poller>();
  /** Until the template's resources exist, nothing is read. */
  #started = false;

  constructor(cloud: Cloud, functions: ReadonlyMap<string, FunctionRuntime>) {
    this.#cloud = cloud;
    this.#functions = functions;
    this.#ofApi = cloud.documents.collection("lambda/event-source-mappings");
    this.#checkpoints = cloud.documents.collection("lambda/checkpoints");
    for (const mapping of this.#ofApi.list()) this.#all.set(mapping.uuid, mapping);
  }

  /** Ordered by source and function. */
  list(): Mapping[] {
    const order = ({ sourceArn, functionArn }: Mapping): string => `${sourceArn} ${functionArn}`;
    return [...this.#all.values()].toSorted((one, other) => (order(one) < order(other) ? -1 : 1));
  }

  /** @throws AwsError ResourceNotFoundException */
  find(uuid: string): Mapping {
    const mapping = this.#all.get(uuid);
    if (!mapping) throw mappingNotFound(uuid);
    return mapping;
  }

  /** The result of the last invocation; undefined for queues. */
  lastResult({ uuid }: Mapping): string | undefined {
    return this.#pollers.get(uuid)?.lastResult;
  }

  /** @throws AwsError for what AWS refuses */
  async create({ generatedName, ...settings }: NewMapping): Promise<Mapping> {
    const uuid = generatedName === undefined ? randomId() : uuidOf(generatedName);
    const mapping = { ...settings, uuid, modifiedAtMs: this.#cloud.clock.now() };
    const { sourceArn, functionArn } = mapping;
    const same = this.list().find((one) => one.sourceArn === sourceArn && one.functionArn === functionArn);
    if (same && same.uuid !== uuid) throw mappingExists(same.uuid, sourceArn, functionArn.split(":").at(-1)!);
    await checkMapping(this.#cloud, mapping, this.#runtimeOf(mapping));
    if (generatedName === undefined) this.#ofApi.put(uuid, mapping);
    this.#all.set(uuid, mapping);
    this.#startPoller(mapping);
    return mapping;
  }

  /** @throws AwsError for what AWS refuses */
  async update(
    mapping: Mapping,
    { given, ...changes }: Partial<Pick<Mapping, "functionArn" | "enabled" | "given">>,
  ): Promise<Mapping> {
    const { uuid } = mapping;
    const modifiedAtMs = this.#cloud.clock.now();
    const updated = { ...mapping, ...changes, given: { ...mapping.given, ...given }, modifiedAtMs };
    await checkMapping(this.#cloud, updated, this.#runtimeOf(updated));
    if (this.#ofApi.get(uuid)) this.#ofApi.put(uuid, updated);
    this.#all.set(uuid, updated);
    // The batch in progress comes first: the records of a shard stay in order.
    void this.#stopPoller(mapping).then(() => {
      if (this.#all.get(uuid) === updated) this.#startPoller(updated);
    });
    return updated;
  }

  delete(mapping: Mapping): void {
    const { uuid } = mapping;
    this.#all.delete(uuid);
    this.#ofApi.delete(uuid);
    void this.#stopPoller(mapping).then(() => this.#checkpoints.deleteAll(`${uuid}/`));
  }

  start(): void {
    this.#started = true;
    for (const mapping of this.#all.values()) this.#startPoller(mapping);
  }

  async stop(): Promise<void> {
    this.#started = false;
    await Promise.all([...this.#pollers.values()].map((poller) => poller.stop()));
  }

  #startPoller(mapping: Mapping): void {
    if (!this.#started || !mapping.enabled) return;
    const runtime = this.#functions.get(mapping.functionArn);
    // A mapping outlives its function.
    if (!runtime) return;
    const poller = pollerOf(this.#cloud, mapping, runtime, this.#checkpoints);
    this.#pollers.set(mapping.uuid, poller);
    poller.start();
  }

  async #stopPoller({ uuid }: Mapping): Promise<void> {
    await this.#pollers.get(uuid)?.stop();
    this.#pollers.delete(uuid);
  }

  /** @throws AwsError ResourceNotFoundException */
  #runtimeOf({ functionArn }: Mapping): FunctionRuntime {
    const runtime = this.#functions.get(functionArn);
    if (!runtime) throw functionNotFound(functionArn);
    return runtime;
  }
}

/** The id of a template's mapping, the same at every start. */
function uuidOf(name: string): string {
  const hex = createHash("sha256").update(name).digest("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}

export const mappingArn = (cloud: Cloud, uuid: string): string =>
  cloud.arn("lambda", `event-source-mapping:${uuid}`);

/** A mapping in the form of the responses. */
export function mappingConfiguration(
  mapping: Mapping,
  { cloud, mappings }: { cloud: Cloud; mappings: EventSourceMappings },
  state = mapping.enabled ? "Enabled" : "Disabled",
) {
  const { queue, stream } = settingsOf(mapping);
  return {
    ...(queue ?? stream),
    UUID: mapping.uuid,
    EventSourceArn: mapping.sourceArn,
    EventSourceMappingArn: mappingArn(cloud, mapping.uuid),
    FunctionArn: mapping.functionArn,
    LastModified: mapping.modifiedAtMs / 1000,
    State: state,
    StateTransitionReason: stream ? "User action" : "USER_INITIATED",
    ...(stream && { LastProcessingResult: mappings.lastResult(mapping) ?? "No records processed" }),
  };
}
