import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FirehoseClient, PutRecordBatchCommand } from "@aws-sdk/client-firehose";
import { afterEach } from "@jest/globals";
import { firehose } from "../../../local/firehose/index.ts";
import { glue } from "../../../local/glue/index.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";
import { bytes, substituteLambda, type templateOf } from "./support.ts";

export interface Flushed {
  objects: { kind: string; bucket: string; key: string; records: number }[];
}

/** The stream `detections` of a template, for the tests of one `describe`; stopped after each of them. */
export function useStream() {
  const lambda = substituteLambda();
  const folders: string[] = [];
  let local: TestCloud | undefined;
  const running = (): TestCloud => {
    if (!local) throw new Error("the test has not started its stream");
    return local;
  };

  afterEach(async () => {
    await local?.stop();
    local = undefined;
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
    lambda.reset();
  });

  return {
    lambda,
    get local() {
      return running();
    },
    start: async (template: ReturnType<typeof templateOf>, dataFolder?: string): Promise<void> => {
      local = await startTestCloud({
        services: [glue, lambda, firehose],
        template,
        ...(dataFolder && { dataFolder }),
      });
    },
    /** A data folder that outlives a stop, but not the test. */
    keptFolder: (): string => {
      const folder = mkdtempSync(join(tmpdir(), "doorstep-firehose-"));
      folders.push(folder);
      return folder;
    },
    put: async (...records: unknown[]) =>
      await running()
        .client(FirehoseClient)
        .send(
          new PutRecordBatchCommand({
            DeliveryStreamName: "detections",
            Records: records.map((record) => ({ Data: bytes(record) })),
          }),
        ),
    flush: async (body?: unknown): Promise<Flushed> =>
      await running().control<Flushed>("POST /_doorstep/firehose/flush", body),
    /** The details of the stream's events with this name so far. */
    detailsOf: (name: string) =>
      running()
        .cloud.events.matching((event) => event.service === "firehose" && event.name === name)
        .map(({ detail }) => detail),
    /** Gives the stream's role other permissions. */
    allow: (
      actions: readonly string[],
      ...more: { Effect: "Deny"; Action: string; Resource: string }[]
    ): void => {
      const { cloud, resources } = running();
      const role = cloud.access.role(resources.get("Role")!.attributes!["Arn"]!)!;
      const allowed = { Effect: "Allow" as const, Action: actions, Resource: "*" };
      cloud.access.addRole({ ...role, policies: [{ Statement: [allowed, ...more] }] });
    },
  };
}
