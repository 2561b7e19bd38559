import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import type { ClientConfig, Cloud } from "../../local/cloud.ts";
import { startFauxqs } from "../../local/fauxqs.ts";
import {
  startLocalCloud,
  TurnableClock,
  type Service,
  type Services,
  type Template,
} from "../../local/index.ts";
import { iam } from "../../local/iam/index.ts";
import { messaging } from "../../local/messaging/index.ts";
import { s3 } from "../../local/s3/index.ts";
import { sts } from "../../local/sts/index.ts";
import type { CreatedResource } from "../../local/template/resource.ts";

export interface TestCloudOptions {
  /** Services beside S3, SNS, SQS, IAM and STS; or all services. */
  readonly services?: readonly Service[] | Services;
  readonly template?: Template;
  readonly clipFolders?: readonly string[];
  readonly objectModel?: boolean;
  readonly artifactFolder?: string;
  readonly clock?: TurnableClock;
  /** A folder to start from, and to leave as it is at the end; by default a temporary one. */
  readonly dataFolder?: string;
}

export interface TestCloud {
  readonly cloud: Cloud;
  readonly clock: TurnableClock;
  readonly endpoint: string;
  readonly resources: ReadonlyMap<string, CreatedResource>;
  /** An SDK client that signs as the account owner. */
  client<C extends { destroy(): void }>(Client: new (config: ClientConfig) => C): C;
  /** The configuration of clients with a role of the template, in the session `tester`. */
  configOf(logicalId: string): Promise<ClientConfig>;
  /** A local-only call, e.g. `POST /_doorstep/firehose/flush`. */
  control<T = unknown>(methodAndPath: string, body?: unknown): Promise<T>;
  stop(): Promise<void>;
}

/** The given services and those that nearly every test needs. */
const beside =
  (services: readonly Service[]): Services =>
  async (host) => {
    const fauxqs = await startFauxqs(host);
    host.atStop(() => fauxqs.stop());
    return [iam, sts, s3(fauxqs), messaging(fauxqs), ...services];
  };

/** Boots the local cloud with the given services and template on free ports, with a clock that the test turns. */
export async function startTestCloud(options: TestCloudOptions = {}): Promise<TestCloud> {
  const { services = [], template = { Resources: {} }, artifactFolder = "", ...others } = options;
  const { clock = new TurnableClock() } = options;
  const local = await startLocalCloud({
    ...others,
    template,
    stackName: "doorstep-test",
    artifactFolder,
    clock,
    services: typeof services === "function" ? services : beside(services),
  });
  const { cloud, endpoint, stack } = local;
  const client: TestCloud["client"] = (Client) => cloud.client(Client, cloud.owner);
  return {
    cloud,
    clock,
    endpoint,
    resources: stack.resources,
    client,
    configOf: async (logicalId) => {
      const RoleArn = stack.resources.get(logicalId)!.attributes!["Arn"]!;
      const command = new AssumeRoleCommand({ RoleArn, RoleSessionName: "tester" });
      const { AccessKeyId, SecretAccessKey, SessionToken } = (await client(STSClient).send(command))
        .Credentials!;
      return {
        region: cloud.region,
        endpoint,
        credentials: {
          accessKeyId: AccessKeyId!,
          secretAccessKey: SecretAccessKey!,
          sessionToken: SessionToken!,
        },
      };
    },
    control: local.control,
    stop: local.stop,
  };
}
