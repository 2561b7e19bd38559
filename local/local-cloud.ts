import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { systemClock, type Clock } from "../base/clock.ts";
import { boot } from "./boot.ts";
import type { Cloud } from "./cloud.ts";
import type { Events } from "./events.ts";
import { takeDataFolder } from "./folder-lock.ts";
import type { Services } from "./service.ts";
import { allServices } from "./services.ts";
import { readTemplate, type Stack, type Template } from "./template/template.ts";

/** The account owner's: any access key whose secret is the same. */
const CREDENTIALS = { accessKeyId: "local", secretAccessKey: "local" };

export interface LocalCloudOptions {
  /** The compiled CloudFormation template, or its file. */
  readonly template: Template | string;
  /** Folder of the packaged functions' zips, as the template names them. */
  readonly artifactFolder: string;
  /** Values for the template's parameters, over their defaults. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** By default `local`. */
  readonly stackName?: string;
  /** By default `us-east-1`. */
  readonly region?: string;
  /** Folder of all state, which survives a restart; by default a temporary one, which `stop` removes. */
  readonly dataFolder?: string;
  /** Port of the AWS endpoint; by default any free one. */
  readonly awsPort?: number;
  /** Port of the HTTP API; by default any free one. */
  readonly httpPort?: number;
  /** By default the machine's clock; a `TurnableClock` lets timeouts, schedules and buffers pass at once. */
  readonly clock?: Clock;
  /** Folders searched for `<clip>.labels.json` and `<clip>.faces.json`, the ground truth beside a clip. */
  readonly clipFolders?: readonly string[];
  /** By default true, where the models' optional packages are installed; without it only such files have objects and faces. */
  readonly objectModel?: boolean;
  /** The services to start, in this order; by default all. */
  readonly services?: Services;
}

/** A running local cloud. */
export interface LocalCloud {
  /** Address of every AWS API, e.g. `http://127.0.0.1:4566`, for `AWS_ENDPOINT_URL`. */
  readonly endpoint: string;
  /** Address of the stack's HTTP API, if it has one. */
  readonly httpApi: string | undefined;
  /** For SDK clients that call as the account owner: `new S3Client(cloud.clientConfig)`. */
  readonly clientConfig: {
    readonly region: string;
    readonly endpoint: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  /** The stack's outputs by key. */
  readonly outputs: Readonly<Record<string, string>>;
  /** What happens in the cloud: to follow, to wait for, or to expect not to happen. */
  readonly events: Events;
  readonly clock: Clock;
  readonly dataFolder: string;
  /** The stack's resources and outputs. */
  readonly stack: Stack;
  /** What services see: access decisions, documents, clients that call as a role. */
  readonly cloud: Cloud;
  /**
   * Makes a local-only call, e.g. `POST /_doorstep/firehose/flush`.
   * @throws Error with the response when it is refused
   */
  control<T = unknown>(methodAndPath: string, body?: unknown): Promise<T>;
  /** Stops everything in the reverse order of its start. State stays in the data folder, unless that is temporary. */
  stop(): Promise<void>;
}

/**
 * Starts the local cloud and creates the stack of a compiled CloudFormation template.
 * @throws OperatorError for what the operator can fix: a port or data folder in use, a missing bundle, a template error
 */
export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const { template, clock = systemClock, httpPort = 0 } = options;
  const dataFolder = resolve(options.dataFolder ?? mkdtempSync(join(tmpdir(), "local-cloud-")));
  const taken = takeDataFolder(dataFolder);
  const leaveFolder = (): void => {
    taken.release();
    // Threads that end may write a last line while their folder is removed.
    if (options.dataFolder === undefined) rmSync(dataFolder, { recursive: true, force: true, maxRetries: 5 });
  };
  const { cloud, stack, stop } = await boot({
    stackName: "local",
    awsPort: 0,
    services: allServices(httpPort),
    ...options,
    template: typeof template === "string" ? readTemplate(template) : template,
    dataFolder,
    clock,
  }).catch((error: unknown) => {
    leaveFolder();
    throw error;
  });
  const { endpoint, region } = cloud;
  const resources = [...stack.resources.values()];
  const httpApi = resources.find(({ type }) => type === "AWS::ApiGatewayV2::Api")?.attributes?.[
    "ApiEndpoint"
  ];
  taken.announce({ endpoint, httpApi, region });
  return {
    endpoint,
    httpApi,
    clientConfig: { region, endpoint, credentials: CREDENTIALS },
    outputs: Object.fromEntries(stack.outputs.map(({ key, value }) => [key, value])),
    events: cloud.events,
    clock,
    dataFolder: cloud.dataFolder,
    stack,
    cloud,
    control: async <T>(methodAndPath: string, body?: unknown): Promise<T> => {
      const [method = "", path = ""] = methodAndPath.split(" ");
      const sent = body === undefined ? null : JSON.stringify(body);
      const response = await fetch(endpoint + path, { method, body: sent });
      if (!response.ok) throw new Error(`${methodAndPath}: ${response.status} ${await response.text()}`);
      return (await response.json()) as T;
    },
    stop: async () => {
      try {
        await stop();
      } finally {
        leaveFolder();
      }
    },
  };
}
