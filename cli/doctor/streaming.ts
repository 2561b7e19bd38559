import {
  paginateListStreamProcessors,
  RekognitionClient,
  type StreamProcessor,
} from "@aws-sdk/client-rekognition";
import {
  LABEL_REGIONS,
  MAX_PROCESSORS,
  STREAMING_CLOSED_ON,
  WITHOUT_STREAMING,
} from "../../schemas/regions.ts";
import type { Check } from "./check.ts";
import { failed, ok, unknown, wrong, type Finding } from "./finding.ts";

/** The share of a quota from which on an increase should be requested. */
const NEARLY_ALL = 0.8;

/** Whether this account can use stream processors, and how much of the quotas is used. */
export const streamingCheck: Check = {
  name: "streaming video",
  run: async ({ config, region }) => {
    if (region === undefined || !LABEL_REGIONS[region]) return [];
    const client = new RekognitionClient(config);
    try {
      const processors: StreamProcessor[] = [];
      for await (const { StreamProcessors = [] } of paginateListStreamProcessors({ client }, {}))
        processors.push(...StreamProcessors);
      return streamingFindings(processors, region);
    } catch (error) {
      return [failed("streaming video", error, "rekognition:ListStreamProcessors")];
    } finally {
      client.destroy();
    }
  },
};

/**
 * The findings of the account's processors. An account with processors has access. For one without, access is unknown:
 * whether an account without access may list processors is not documented.
 */
export function streamingFindings(
  processors: readonly Pick<StreamProcessor, "Status">[],
  region: string,
): Finding[] {
  const running = processors.filter(({ Status }) => Status === "STARTING" || Status === "RUNNING").length;
  const open =
    processors.length > 0
      ? ok(`open to this account, which has ${processors.length} stream processors`)
      : unknown(
          `this account has no stream processor; accounts that had used none before ${STREAMING_CLOSED_ON} are refused`,
          `npx doorstep doctor --prove tries to create one; if it is refused, ${WITHOUT_STREAMING}`,
        );
  return [
    open,
    withinQuota(processors.length, MAX_PROCESSORS, "stream processors of the account and Region"),
    withinQuota(running, LABEL_REGIONS[region]!.maxRunning, "label sessions that run at a time"),
  ];
}

const withinQuota = (used: number, most: number, what: string): Finding =>
  used < most * NEARLY_ALL
    ? ok(`${used} of ${most} ${what} (default quota)`)
    : wrong(
        `${used} of ${most} ${what} (default quota)`,
        "request an increase in the Service Quotas console",
      );
