import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { boot, type BootOptions } from "../../local/boot.ts";
import { TurnableClock } from "../../base/clock.ts";
import type { ClientConfig, Cloud } from "../../local/cloud.ts";
import type { Service } from "../../local/service.ts";
import { startFauxqs } from "../../local/fauxqs.ts";
import { iam } from "../../local/iam/index.ts";
import { messaging } from "../../local/messaging/index.ts";
import { s3 } from "../../local/s3/index.ts";
import { sts } from "../../local/sts/index.ts";
import type { CreatedResource } from "../../local/template/resource.ts";
import type { Template } from "../../local/template/template.ts";

export interface TestCloudOptions {
  /** Services beside S3, SNS, SQS, IAM and STS; or all services. */
  readonly services?: readonly Service[] | BootOptions["services"];
  readonly template?: Template;
  readonly clipFolders?: readonly string[];
  readonly artifactFolder?: string;
  /** A folder to start from, and to leave as it is at the end; a temporary one unless given. */
  readonly dataFolder?: string;
}

export interface TestCloud {
  readonly cloud: Cloud;
  readonly clock: TurnableClock;
  readonly endpoint: string;
  readonly resources: ReadonlyMap<string, CreatedResource>;
  /** An SDK client that signs as the account owner. */
  client<C extends { destroy(): void }>(Client: new (config: ClientConfig) => C): C;
  /** A local-only call, e.g. `POST /_doorstep/firehose/flush`. */
  control<T = unknown>(methodAndPath: string, body?: unknown): Promise<T>;
  stop(): Promise<void>;
}

/** The given services and those that nearly every test needs. */
const beside =
  (services: readonly Service[]): BootOptions["services"] =>
  async ({ dataFolder, region, atStop }) => {
    const fauxqs = await startFauxqs(dataFolder, region);
    atStop(() => fauxqs.stop());
    return [iam, sts, s3(fauxqs), messaging(fauxqs), ...services];
  };

/** Boots the local cloud with the given services and template on free ports, with a clock that the test turns. */
export async function startTestCloud(options: TestCloudOptions = {}): Promise<TestCloud> {
  const { services = [], template = { Resources: {} }, clipFolders = [], artifactFolder = "" } = options;
  const dataFolder = options.dataFolder ?? mkdtempSync(join(tmpdir(), "doorstep-test-"));
  const clock = new TurnableClock();
  const { cloud, stack, stop } = await boot({
    template,
    stackName: "doorstep-test",
    artifactFolder,
    dataFolder,
    awsPort: 0,
    clock,
    clipFolders,
    services: typeof services === "function" ? services : beside(services),
  });
  return {
    cloud,
    clock,
    endpoint: cloud.endpoint,
    resources: stack.resources,
    client: (Client) => cloud.client(Client, cloud.owner),
    control: async <T>(methodAndPath: string, body?: unknown): Promise<T> => {
      const [method, path] = methodAndPath.split(" ");
      const response = await fetch(cloud.endpoint + path, {
        method: method!,
        body: body ? JSON.stringify(body) : null,
      });
      if (!response.ok) throw new Error(`${methodAndPath}: ${response.status} ${await response.text()}`);
      return (await response.json()) as T;
    },
    stop: async () => {
      await stop();
      // Threads that end may write a last line while their folder goes.
      if (!options.dataFolder) rmSync(dataFolder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
