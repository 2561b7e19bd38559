import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { artifactFolder, templateFile } from "../../demo/package-service.ts";
import { Journey, type ClientConfig } from "../../demo/journey.ts";
import { boot, type LocalCloud } from "../../local/boot.ts";
import { TurnableClock } from "../../base/clock.ts";
import { allServices } from "../../local/services.ts";
import { readTemplate, type Template } from "../../local/template/template.ts";

export interface TestStack {
  readonly local: LocalCloud;
  readonly clock: TurnableClock;
  readonly journey: Journey;
  /** For SDK clients that sign as the account owner. */
  readonly config: ClientConfig;
  flushFirehose(): Promise<void>;
  stop(): Promise<void>;
}

export interface TestStackOptions {
  /** The packaged service's unless given. */
  readonly template?: Template;
  /** Values for the template's parameters, over their defaults. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** A folder to start from, and to leave as it is at the end; a temporary one unless given. */
  readonly dataFolder?: string;
}

/** Boots the whole local cloud from the packaged service, on free ports, with a clock that the test turns. */
export async function startStack(
  clipFolders: readonly string[] = [],
  { template = readTemplate(templateFile), parameters = {}, dataFolder: given }: TestStackOptions = {},
): Promise<TestStack> {
  const dataFolder = given ?? mkdtempSync(join(tmpdir(), "doorstep-stack-"));
  const clock = new TurnableClock();
  const local = await boot({
    template,
    parameters,
    stackName: "doorstep-dev",
    artifactFolder,
    dataFolder,
    awsPort: 0,
    clock,
    clipFolders,
    services: allServices(0),
  });
  const { region, endpoint } = local.cloud;
  const config = { region, endpoint, credentials: { accessKeyId: "tester", secretAccessKey: "tester" } };
  return {
    local,
    clock,
    journey: await Journey.begin("doorstep-dev", config),
    config,
    flushFirehose: async () => {
      const response = await fetch(`${endpoint}/_doorstep/firehose/flush`, { method: "POST" });
      if (!response.ok) throw new Error(await response.text());
    },
    stop: async () => {
      await local.stop();
      // Threads that end may write a last line while their folder goes.
      if (given === undefined) rmSync(dataFolder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
