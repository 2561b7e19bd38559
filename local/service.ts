import type { Api, Control, PublicHandler } from "./api/api.ts";
import type { Cloud } from "./cloud.ts";
import type { Events } from "./events.ts";
import type { ResourceType } from "./template/resource.ts";
import type { Stack } from "./template/template.ts";

/**
 * One emulated service: a folder of `local/`. `local/hello/` is the smallest one, to copy; `test/local/shape.test.ts`
 * holds every service to its shape.
 */
export interface Service {
  /** The folder's name, e.g. `kinesis-video`. */
  readonly name: string;
  start(cloud: Cloud): Promise<RunningService> | RunningService;
}

/** What a started service serves. */
export interface RunningService {
  /** The AWS APIs that the service serves on the endpoint. */
  readonly apis?: readonly Api[];
  /** Handlers of unsigned requests, by the prefix of their paths, e.g. `/hls/v1/`. */
  readonly publicPaths?: Readonly<Record<string, PublicHandler>>;
  /** Local-only calls under `/_doorstep/`, by method and path, e.g. `POST /_doorstep/firehose/flush`. */
  readonly controls?: Readonly<Record<string, Control>>;
  /** CloudFormation resource types that the service creates, by type. */
  readonly resources?: Readonly<Record<string, ResourceType>>;
  /** Called once after every resource of the template exists, for work that needs the others. */
  ready?(): Promise<void> | void;
  /** Called once the endpoint is open for everybody. */
  opened?(): void;
  stop?(): Promise<void> | void;
}

/** What services are created with, before the cloud runs. */
export interface ServiceHost {
  readonly dataFolder: string;
  readonly region: string;
  readonly events: Events;
  /** The stack, once it is created. */
  readonly stack: () => Stack | undefined;
  /** Registers something to stop, after every service has stopped. */
  readonly atStop: (stop: () => Promise<void> | void) => void;
}

/** Creates the services to start, in this order. */
export type Services = (host: ServiceHost) => Promise<readonly Service[]> | readonly Service[];
