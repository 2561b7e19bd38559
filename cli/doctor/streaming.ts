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
import { isDenied, ok, unknown, wrong, type Finding } from "./finding.ts";

/** From this share of a quota on, more is asked for in time. */
const NEARLY_ALL = 0.8;

/** Whether this account may use stream processors, and how many of them there is room for. */
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
      return [refusalOf(error)];
    } finally {
      client.destroy();
    }
  },
};

/**
 * What the account's processors tell. An account that has some is open; one that has none may be open or not, since
 * what a refused account answers is not documented.
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
          `doorstep doctor --prove makes one and tells; where it is refused, ${WITHOUT_STREAMING}`,
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
    : wrong(`${used} of ${most} ${what} (default quota)`, "ask for more in the Service Quotas console");

function refusalOf(error: unknown): Finding {
  const { name, message } = error as Error;
  // A policy that denies names the action; a service closed to the account has no reason to.
  if (isDenied(error) && /not authorized to perform/.test(message))
    return unknown(
      `may not be looked at: ${message}`,
      "allow rekognition:ListStreamProcessors to whoever runs doctor",
    );
  return wrong(
    `refused: ${name}: ${message}`,
    `an account that had not used it before ${STREAMING_CLOSED_ON} is closed out; ${WITHOUT_STREAMING}`,
  );
}
