import type { Access } from "./iam/access.ts";
import type { Credentials, Principal } from "./iam/principal.ts";
import type { Clock } from "../base/clock.ts";
import type { Documents } from "./documents.ts";
import type { Events } from "./events.ts";
import type { ServedImages } from "./video/served-images.ts";

/** The configuration of every SDK client of the local cloud. */
export interface ClientConfig {
  region: string;
  endpoint: string;
  credentials: Omit<Credentials, "sessionToken"> & Partial<Credentials>;
  /** How the client connects; by default as the SDK does. */
  requestHandler?: { readonly httpAgent: { readonly keepAlive: boolean; readonly maxSockets: number } };
}

/** What every emulated service receives. */
export interface Cloud {
  readonly region: string;
  readonly accountId: string;
  readonly partition: string;
  /** Address of the AWS endpoint, e.g. `http://127.0.0.1:4566`, without a trailing slash. */
  readonly endpoint: string;
  /** Folder in which services keep their files; survives a restart. */
  readonly dataFolder: string;
  /** Folder of the packaged functions' zips. */
  readonly artifactFolder: string;
  /** Folders searched for `<clip>.labels.json` and `<clip>.faces.json`, the ground truth beside a clip. */
  readonly clipFolders: readonly string[];
  /** Whether objects and faces are looked for in what no such file describes. */
  readonly objectModel: boolean;
  readonly servedImages: ServedImages;
  /** What brings records to delivery streams; a flush waits until each has passed on what it holds, or is refused. */
  readonly sourcesOfRecords: Set<() => Promise<void>>;
  readonly clock: Clock;
  readonly documents: Documents;
  readonly events: Events;
  readonly access: Access;
  /** The account owner, for what CloudFormation does with the permissions of the user who deploys. */
  readonly owner: Principal;
  /** `arn:<partition>:<service>:<region>:<account>:<resource>` */
  arn(service: string, resource: string): string;
  /**
   * A client of the endpoint, as a service calls another on AWS; destroyed when the local cloud stops.
   * @param principal the role (by `access.assumeRole`) or the service that calls
   */
  client<C extends { destroy(): void }>(Client: new (config: ClientConfig) => C, principal: Principal): C;
}
