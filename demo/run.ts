import { once } from "node:events";
import { join, relative } from "node:path";
import { systemClock } from "../base/clock.ts";
import { asError } from "../base/errors.ts";
import { openConsole } from "../console/server.ts";
import { startLocalCloud, type CloudEvent, type LocalCloud } from "../local/index.ts";
import type { Lock } from "../local/folder-lock.ts";
import { missingModel } from "../local/rekognition/detection/model/packages.ts";
import { withExplainedErrors } from "../operator/aws-errors.ts";
import { analyse } from "./analyse.ts";
import { alertTable, sendAlertsTo, untilAlertsSent, type SentAlert } from "./alerts.ts";
import type { DemoArguments } from "./arguments.ts";
import { foldersOf, type Clip } from "./clips.ts";
import type { Console } from "./console.ts";
import { playPersons } from "./drawn-faces.ts";
import { enrol } from "./faces.ts";
import { Journey } from "./journey.ts";
import { localFlags, nextSteps } from "./next-steps.ts";
import { artifactFolder, templateFile } from "./package-service.ts";
import { Played } from "./played.ts";
import {
  analysedQuery,
  countRows,
  detectedQuery,
  firstDetections,
  type DemoQuery,
  type FirstDetection,
} from "./queries.ts";
import { showFaces, type ShownFaces } from "./show-faces.ts";

const STACK_NAME = "doorstep-dev";

/** The last line of `--json`. */
interface Outcome {
  /** Clips whose results are shown, and how many of them were analysed by this start. */
  readonly cameras: number;
  readonly analysed: number;
  readonly sessions: number;
  readonly notifications: number;
  readonly parquetFiles: number;
  readonly rows: { readonly detections: number; readonly sessions: number };
  readonly detections: readonly FirstDetection[];
  /** Files, one for each detection. */
  readonly pictures: readonly string[];
  /** Every revision of every alert, with `--alert`. */
  readonly alerts?: readonly SentAlert[];
  /** Who came, with `--faces`. */
  readonly faces?: ShownFaces;
  readonly seconds: number;
}

/**
 * Starts the local cloud from the package, takes the clips from camera to SQL, and keeps running without `--exit`, whether
 * the clips succeed or not.
 * @throws what makes the demo fail, with `--exit`
 */
export async function run(
  demoArguments: DemoArguments,
  clips: readonly Clip[],
  packaged: Lock,
  startedAtMs: number,
  out: Console,
): Promise<void> {
  const local = await out
    .step(
      "The local cloud started from the compiled template",
      () => bootLocalCloud(demoArguments, clips),
      ({ stack }) => out.dim(`${stack.resources.size} resources`),
    )
    .finally(() => packaged.release());
  try {
    showProblems(local, out);
    if (demoArguments.verbose) showLogs(local, out);
    if (!demoArguments.noDemo) await runDemo(local, demoArguments, clips, startedAtMs, out);
    if (!demoArguments.exit) await stayUp(local, clips, out);
  } finally {
    await local.stop();
  }
}

const bootLocalCloud = (demoArguments: DemoArguments, clips: readonly Clip[]): Promise<LocalCloud> =>
  startLocalCloud({
    template: templateFile,
    stackName: STACK_NAME,
    artifactFolder,
    dataFolder: demoArguments.dataFolder,
    awsPort: demoArguments.awsPort,
    httpPort: demoArguments.httpPort,
    clipFolders: foldersOf(clips),
    objectModel: demoArguments.eyes,
  });

/** A demo that fails leaves a cloud that runs, for a look at what happened. */
async function runDemo(
  local: LocalCloud,
  demoArguments: DemoArguments,
  clips: readonly Clip[],
  startedAtMs: number,
  out: Console,
): Promise<void> {
  const { exit, json } = demoArguments;
  let result: Outcome | { error: { name: string; message: string } };
  try {
    result = await runJourney(local, clips, demoArguments, startedAtMs, out);
  } catch (error) {
    if (exit) throw error;
    const { name, message } = asError(error);
    out.failure(`The demo failed: ${message}`);
    process.exitCode = 1;
    result = { error: { name, message } };
  }
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
}

async function runJourney(
  local: LocalCloud,
  clips: readonly Clip[],
  { replay, eyes, alert, faces }: DemoArguments,
  startedAtMs: number,
  out: Console,
): Promise<Outcome> {
  const journey = await Journey.begin(STACK_NAME, local.clientConfig);
  const played = new Played(local.dataFolder);
  const enrolled = faces && (await enrol(faces, STACK_NAME, local, out));
  if (enrolled) for (const line of await playPersons(clips, enrolled.persons, local)) out.say(`  ${line}`);
  // Who has just been enrolled was not recognised before.
  const isAgain = replay || (enrolled?.pictures ?? 0) > 0;
  const isPlayed = (clip: Clip): boolean => !isAgain && played.sessionOf(clip) !== undefined;
  const known = clips.filter(isPlayed);
  const fresh = clips.filter((clip) => !isPlayed(clip));
  if (known.length > 0) {
    const names = known.map(({ cameraId }) => cameraId).join(", ");
    out.say(`Analysed before, with results in ${here(local.dataFolder)}: ${names}. --replay analyses again.`);
  }
  if (alert) for (const line of await sendAlertsTo(alert, STACK_NAME, local)) out.say(`  ${line}`);
  const { notifications, parquetFiles, detecting } =
    fresh.length > 0
      ? await analyse(
          {
            local,
            journey,
            played,
            startedAtMs,
            out,
            sampleFunction: `${STACK_NAME}-sampleFrames`,
            missingModel: missingModel(eyes),
          },
          fresh,
        )
      : { notifications: 0, detecting: [], ...(await journey.written(startedAtMs)) };

  const sessionIds = clips.flatMap((clip) => played.sessionOf(clip) ?? []);
  const show = async ({ title, sql }: DemoQuery) => {
    const { columns, rows } = await journey.query(sql);
    out.table(title, columns, rows);
    return rows;
  };
  const detections = firstDetections(await show(detectedQuery(sessionIds)));
  await show(analysedQuery(sessionIds));
  const saved = await journey.saveEvidence(sessionIds, join(local.dataFolder, "evidence"));
  const crops = saved.flatMap((one) => (one.kind === "crop" && "file" in one ? [here(one.file)] : []));
  if (crops.length > 0)
    out.say(
      `\n${out.bold("Pictures of what was detected")}, with the whole frames beside them\n${crops.join("\n")}`,
    );

  const cameraIds = clips.map(({ cameraId }) => cameraId);
  const shownFaces = enrolled && (await showFaces(journey, cameraIds, enrolled.persons, out));

  const alerts = alert && (await showAlerts(local, journey, { alert, detecting, startedAtMs }, out));

  const [counts = []] = (await journey.query(countRows(sessionIds))).rows;
  const seconds = Math.round((systemClock.now() - startedAtMs) / 100) / 10;
  if (fresh.length > 0) out.say(`\n${out.bold("From camera motion to SQL")} in ${seconds} s`);
  return {
    cameras: clips.length,
    analysed: fresh.length,
    sessions: sessionIds.length,
    notifications,
    parquetFiles,
    rows: { detections: Number(counts[0]), sessions: Number(counts[1]) },
    detections,
    pictures: crops,
    ...(alerts && { alerts }),
    ...(shownFaces && { faces: shownFaces }),
    seconds,
  };
}

/** Waits for the alerts of the cameras on which something was detected, and shows them. */
async function showAlerts(
  { events, dataFolder }: LocalCloud,
  { outputs }: Journey,
  {
    alert,
    detecting,
    startedAtMs,
  }: Pick<Required<DemoArguments>, "alert"> & {
    readonly detecting: readonly string[];
    readonly startedAtMs: number;
  },
  out: Console,
): Promise<SentAlert[]> {
  if (detecting.length === 0) {
    out.say("\nNothing was detected by this start, so no alert was raised; --replay analyses again.");
    return [];
  }
  const alerts = await untilAlertsSent(events, {
    cameraIds: detecting,
    topicArn: outputs.DetectionsTopicArn,
    sinceMs: startedAtMs,
  });
  const { columns, rows } = alertTable(alerts);
  out.table("The alerts that were raised, and what became of each revision", columns, rows);
  if (alerts.some(({ outcome }) => outcome === "not accepted"))
    out.say("What is not accepted is sent again for a day, as long as the local cloud runs.");
  if (alert?.format === "standard")
    out.say(
      `The secret that signs them: npx doorstep alert target show demo --secret ${localFlags(dataFolder)}`,
    );
  return alerts;
}

/** A path as short as it can be for a reader in this folder. */
function here(path: string): string {
  const fromHere = relative("", path);
  return fromHere.startsWith("..") ? path : fromHere;
}

/** What the local cloud could not read or write, since its start. */
function showProblems({ events }: LocalCloud, out: Console): void {
  const show = ({ service, name, detail }: CloudEvent): void => {
    if (name === "set-aside")
      out.say(
        `${service}: ${String(detail["file"])} can't be read (${String(detail["reason"])}); it is renamed to ${String(detail["renamedTo"])}`,
      );
    if (name === "write-failed")
      out.say(`${service}: ${String(detail["what"])} could not be written: ${String(detail["error"])}`);
  };
  events.matching(() => true).forEach(show);
  events.subscribe(show);
}

function showLogs({ events }: LocalCloud, out: Console): void {
  events.subscribe(({ service, name, detail }) => {
    if (service === "lambda" && name === "log")
      out.say(out.dim(`  ${String(detail["function"])} │ ${String(detail["line"])}`));
  });
}

async function stayUp(
  { endpoint, clientConfig, httpApi, dataFolder }: LocalCloud,
  clips: readonly Clip[],
  out: Console,
): Promise<void> {
  const cameraIds = clips.map(({ cameraId }) => cameraId);
  const hasFaces = clips.some(({ searchesFaces }) => searchesFaces);
  const config = withExplainedErrors(clientConfig);
  const { url, close } = await openConsole({ config, stack: STACK_NAME, isLocal: true });
  try {
    const { region } = clientConfig;
    out.say(
      `\n${nextSteps({ consoleUrl: url, endpoint, region, motionApi: httpApi, dataFolder, cameraIds, hasFaces })}`,
    );
    await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
    out.say("Stopping.");
  } finally {
    await close();
  }
}
