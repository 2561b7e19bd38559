import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { artifactFolder, templateFile } from "../../demo/package-service.ts";
import { Journey } from "../../demo/journey.ts";
import { startLocalCloud, TurnableClock, type LocalCloud, type Template } from "../../local/index.ts";

export interface TestStack {
  readonly local: LocalCloud;
  readonly clock: TurnableClock;
  readonly journey: Journey;
  /** For SDK clients that sign as the account owner. */
  readonly config: LocalCloud["clientConfig"];
  flushFirehose(): Promise<void>;
  stop(): Promise<void>;
}

export interface TestStackOptions {
  /** The packaged service's by default. */
  readonly template?: Template;
  /** Values for the template's parameters, over their defaults. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly objectModel?: boolean;
  /** A folder to start from, and to leave as it is at the end; by default a temporary one. */
  readonly dataFolder?: string;
}

/** The secret that every camera's credentials of a stack are derived from. */
export async function masterSecretOf({ journey, config }: TestStack): Promise<string> {
  const { SecretString } = await new SecretsManagerClient(config).send(
    new GetSecretValueCommand({ SecretId: journey.outputs.MasterSecretArn }),
  );
  return SecretString!;
}

const STACK_NAME = "doorstep-dev";

/** Boots the whole local cloud from the packaged service, on free ports, with a clock that the test turns. */
export async function startStack(
  clipFolders: readonly string[] = [],
  options: TestStackOptions = {},
): Promise<TestStack> {
  const clock = new TurnableClock();
  const local = await startLocalCloud({
    template: templateFile,
    ...options,
    // Samples are of any day that the lake accepts, and no test sends more requests than a route accepts by these.
    parameters: {
      LakeFirstDay: "2020-01-01",
      ApiRequestsPerSecond: 5000,
      ApiBurstRequests: 5000,
      ...options.parameters,
    },
    stackName: STACK_NAME,
    artifactFolder,
    clock,
    clipFolders,
  });
  const config = local.clientConfig;
  return {
    local,
    clock,
    journey: await Journey.begin(STACK_NAME, config),
    config,
    flushFirehose: () => local.control("POST /_doorstep/firehose/flush"),
    stop: () => local.stop(),
  };
}
