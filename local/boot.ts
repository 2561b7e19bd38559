import type { Principal } from "./iam/principal.ts";
import { Access } from "./iam/access.ts";
import { systemClock, type Clock } from "../base/clock.ts";
import type { ClientConfig, Cloud } from "./cloud.ts";
import type { RunningService, ServiceHost, Services } from "./service.ts";
import { openDocuments } from "./documents.ts";
import { startEndpoint, type Endpoint } from "./endpoint.ts";
import { Events } from "./events.ts";
import { createStack, type Stack, type Template } from "./template/template.ts";
import { ServedImages } from "./video/served-images.ts";
import { withoutLocalMeaning } from "./template/without-local-meaning.ts";

const ACCOUNT_ID = "000000000000";
const PARTITION = "aws";
/** Per client: more than the 200 media streams that sessions may hold open at once, plus other calls. */
const MAX_CONNECTIONS = 1000;

interface BootOptions {
  readonly template: Template;
  readonly stackName: string;
  /** Folder of the packaged functions' zips, beside the compiled template. */
  readonly artifactFolder: string;
  /** Folder of all state; survives a restart. */
  readonly dataFolder: string;
  /** Values for the template's parameters, over their defaults. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly region?: string;
  /** Port of the AWS endpoint; 0 for any free one. */
  readonly awsPort: number;
  /** The services to start, in this order. */
  readonly services: Services;
  readonly clock?: Clock;
  readonly clipFolders?: readonly string[];
  readonly objectModel?: boolean;
}

/** What `boot` returns. */
interface Booted {
  readonly cloud: Cloud;
  readonly stack: Stack;
  /** Stops everything in the reverse order of its start; state stays in the data folder. */
  stop(): Promise<void>;
}

/**
 * Boots the local cloud from a compiled CloudFormation template.
 * @throws OperatorError for what the operator can fix: a port in use, a missing bundle, a template error
 */
export async function boot(options: BootOptions): Promise<Booted> {
  const stops: (() => Promise<void> | void)[] = [];
  const stop = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (const one of stops.splice(0).toReversed())
      try {
        await one();
      } catch (error) {
        failures.push(error);
      }
    if (failures.length > 0) throw failures[0];
  };
  try {
    return { ...(await start(options, stops)), stop };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}

async function start(
  options: BootOptions,
  stops: (() => Promise<void> | void)[],
): Promise<{ cloud: Cloud; stack: Stack }> {
  const { clock = systemClock, region = "us-east-1", dataFolder } = options;
  const documents = openDocuments(dataFolder);
  stops.push(() => documents.close());

  const events = new Events(clock);
  const access = new Access(ACCOUNT_ID, PARTITION);
  const endpoint = await startEndpoint({ port: options.awsPort, access, clock, events });
  stops.push(() => endpoint.stop());

  const clients = new Clients(access, {
    region,
    endpoint: endpoint.address,
    requestHandler: { httpAgent: { keepAlive: true, maxSockets: MAX_CONNECTIONS } },
  });
  stops.push(() => clients.destroy());

  const cloud: Cloud = {
    region,
    accountId: ACCOUNT_ID,
    partition: PARTITION,
    endpoint: endpoint.address,
    dataFolder,
    artifactFolder: options.artifactFolder,
    clipFolders: options.clipFolders ?? [],
    objectModel: options.objectModel ?? true,
    servedImages: new ServedImages(),
    sourcesOfRecords: new Set(),
    clock,
    documents,
    events,
    access,
    owner: { kind: "account", arn: `arn:${PARTITION}:iam::${ACCOUNT_ID}:root` },
    arn: (service, resource) => `arn:${PARTITION}:${service}:${region}:${ACCOUNT_ID}:${resource}`,
    client: (Client, principal) => clients.get(Client, principal),
  };

  let stack: Stack | undefined;
  const host: ServiceHost = {
    dataFolder,
    region,
    events,
    stack: () => stack,
    atStop: (one) => void stops.push(one),
  };
  const running: RunningService[] = [];
  for (const service of await options.services(host)) {
    const started = await service.start(cloud);
    stops.push(() => started.stop?.());
    register(started, endpoint);
    running.push(started);
  }

  const { stackName, parameters = {} } = options;
  stack = await createStack(options.template, resourceTypes(running), {
    stackName,
    region,
    accountId: ACCOUNT_ID,
    partition: PARTITION,
    parameters,
  });
  for (const service of running) await service.ready?.();
  endpoint.setOpen(true);
  for (const service of running) service.opened?.();
  // First of all: what others send while services stop would not be acted on.
  stops.push(() => endpoint.setOpen(false));
  return { cloud, stack };
}

function register({ apis = [], publicPaths = {}, controls = {} }: RunningService, endpoint: Endpoint): void {
  for (const api of apis) endpoint.serve(api);
  for (const [prefix, handler] of Object.entries(publicPaths)) endpoint.open(prefix, handler);
  for (const [name, control] of Object.entries(controls)) endpoint.control(name, control);
}

const resourceTypes = (services: readonly RunningService[]) =>
  Object.assign({}, withoutLocalMeaning, ...services.map(({ resources = {} }) => resources)) as NonNullable<
    RunningService["resources"]
  >;

/** One client per class and principal, so that connections are reused and can all be closed. */
class Clients {
  readonly #access: Access;
  readonly #base: Omit<ClientConfig, "credentials">;
  readonly #byKey = new Map<string, { destroy(): void }>();

  constructor(access: Access, base: Omit<ClientConfig, "credentials">) {
    this.#access = access;
    this.#base = base;
  }

  get<C extends { destroy(): void }>(Client: new (config: ClientConfig) => C, principal: Principal): C {
    const key = JSON.stringify([Client.name, principal]);
    const known = this.#byKey.get(key);
    if (known instanceof Client) return known;
    // The owner's as well: by issued credentials, the endpoint recognises calls of services before it is open for others.
    const credentials = this.#access.issue(principal);
    const client = new Client({ ...this.#base, credentials });
    this.#byKey.set(key, client);
    return client;
  }

  destroy(): void {
    for (const client of this.#byKey.values()) client.destroy();
  }
}
