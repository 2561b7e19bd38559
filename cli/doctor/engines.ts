import {
  paginateListStreamProcessors,
  RekognitionClient,
  type StreamProcessor,
} from "@aws-sdk/client-rekognition";
import { isClosedToAccount } from "../../operator/aws-errors.ts";
import type { ClientConfig } from "../../operator/client-config.ts";
import {
  accessIn,
  chooseEngine,
  CLOSED_TO_ACCOUNT,
  type StreamingAccess,
} from "../../operator/engine-choice.ts";
import { LABELS } from "../../schemas/camera.ts";
import {
  enginesIn,
  faceSearchProblem,
  FRAMES_REGIONS,
  LABEL_REGIONS,
  LABEL_REGIONS_AS_OF,
  MAX_FACE_SEARCHES,
  MAX_PROCESSORS,
  STREAMING_CLOSED_ON,
  WITHOUT_FACE_SEARCH,
  WITHOUT_STREAMING,
} from "../../schemas/regions.ts";
import { counted } from "../text.ts";
import type { Check } from "./check.ts";
import { failed, ok, unknown, wrong, type Finding } from "./finding.ts";

/** The share of a quota from which on an increase should be requested. */
const NEARLY_ALL = 0.8;

/** Which engines this account and Region can use, how much of their quotas is used, and which one a new camera gets. */
export const enginesCheck: Check = {
  name: "engines",
  run: async ({ config, region, outputs }) => {
    if (region === undefined) return [];
    const callsPerSecond = outputs?.DetectLabelsPerSecond;
    const { access, findings } = await examineStreaming(config, region);
    return [
      ...framesFindings(region, callsPerSecond === undefined ? undefined : Number(callsPerSecond)),
      ...findings,
      ...choiceFindings(region, access),
    ];
  },
};

/** Access is undefined where it could not be checked. */
interface Streaming {
  readonly access?: StreamingAccess;
  readonly findings: readonly Finding[];
}

async function examineStreaming(config: ClientConfig, region: string): Promise<Streaming> {
  if (!Object.hasOwn(LABEL_REGIONS, region) && faceSearchProblem(region) !== undefined)
    return streamingFindings(region, []);
  const client = new RekognitionClient(config);
  try {
    const processors: StreamProcessor[] = [];
    for await (const { StreamProcessors = [] } of paginateListStreamProcessors({ client }, {}))
      processors.push(...StreamProcessors);
    return streamingFindings(region, processors);
  } catch (error) {
    if (isClosedToAccount(error)) return streamingFindings(region, undefined);
    return { findings: [failed("stream processors", error, "rekognition:ListStreamProcessors")] };
  } finally {
    client.destroy();
  }
}

const UNTRIED = `this account has no stream processor; accounts that had used none before ${STREAMING_CLOSED_ON} are refused`;

/**
 * The findings of the account's processors. An account with processors has access. For one without, access is unknown:
 * whether an account without access may list processors is not documented.
 * @param processors undefined where streaming video is closed to the account
 */
export function streamingFindings(
  region: string,
  processors: readonly Pick<StreamProcessor, "Status">[] | undefined,
): { readonly access: StreamingAccess; readonly findings: readonly Finding[] } {
  const found = processors ?? [];
  const access = accessIn(region, processors);
  // A label processor is STARTING for its whole run (documented); one that searches faces is RUNNING.
  const running = (status: string) => found.filter(({ Status }) => Status === status).length;
  const labels: Finding[] =
    access.kind === "closed"
      ? [unknown(`stream-processor: ${access.why}`, WITHOUT_STREAMING)]
      : [
          access.kind === "open"
            ? ok(
                `stream-processor: open to this account, which has ${counted(found.length, "stream processor")}`,
              )
            : unknown(
                `stream-processor: ${UNTRIED}`,
                "camera add tries to create one, and chooses the engine frames if that is refused; npx doorstep doctor --prove tries it, too",
              ),
          withinQuota(found.length, MAX_PROCESSORS, "stream processors of the account and Region"),
          withinQuota(
            running("STARTING"),
            LABEL_REGIONS[region]!.maxRunning,
            "label sessions that run at a time",
          ),
        ];
  return { access, findings: [...labels, ...faceSearchFindings(region, processors, running("RUNNING"))] };
}

/** Nothing of face-search is needed: frames searches faces as well, and no camera gets face-search by itself. */
function faceSearchFindings(
  region: string,
  processors: readonly unknown[] | undefined,
  running: number,
): Finding[] {
  const problem = faceSearchProblem(region) ?? (processors ? undefined : CLOSED_TO_ACCOUNT.why);
  if (problem !== undefined) return [ok(`face-search: not here: ${problem}; ${WITHOUT_FACE_SEARCH}`)];
  if (processors!.length === 0) return [ok(`face-search: ${UNTRIED}; ${WITHOUT_FACE_SEARCH}`)];
  return [
    ok(`face-search: open to this account; a camera has it by --engine face-search alone`),
    withinQuota(running, MAX_FACE_SEARCHES, "face searches of streaming video that run at a time"),
  ];
}

const withinQuota = (used: number, most: number, what: string): Finding =>
  used < most * NEARLY_ALL
    ? ok(`${used} of ${most} ${what} (default quota)`)
    : wrong(
        `${used} of ${most} ${what} (default quota)`,
        "request an increase in the Service Quotas console",
      );

/**
 * The findings of the engine frames.
 * @param limit how many calls of DetectLabels a second the stack makes at most; undefined before it is deployed
 */
export function framesFindings(region: string, limit: number | undefined): Finding[] {
  const quota = FRAMES_REGIONS[region]?.callsPerSecond;
  if (quota === undefined)
    return [
      unknown(
        `frames: ${region} does not have both Kinesis Video Streams and Rekognition's DetectLabels (as of ${LABEL_REGIONS_AS_OF})`,
        `deploy to one of ${Object.keys(FRAMES_REGIONS).join(", ")} to use it`,
      ),
    ];
  const open = ok(
    `frames: ${region} has Kinesis Video Streams and Rekognition's DetectLabels (as of ${LABEL_REGIONS_AS_OF})`,
  );
  if (limit === undefined) return [open];
  const calls = `the stack makes at most ${limit} calls of DetectLabels a second; the default quota is ${quota}`;
  return [
    open,
    limit <= quota
      ? ok(calls)
      : unknown(
          `${calls}, and calls above the account's quota are throttled`,
          `request an increase in the Service Quotas console, or deploy with --param detectLabelsPerSecond=${quota}`,
        ),
  ];
}

/** Which engine a new camera gets. Where none works, the Region's own finding says so. */
function choiceFindings(region: string, access: StreamingAccess | undefined): Finding[] {
  if (!access || enginesIn(region).length === 0) return [];
  const { engine, why, isTentative } = chooseEngine(region, access, LABELS);
  return [ok(`camera add ${isTentative ? "tries" : "chooses"} ${engine}: ${why}`)];
}
