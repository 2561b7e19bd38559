import { once } from "node:events";
import { systemClock } from "../base/clock.ts";
import { DetectionsListener } from "../operator/detections-listener.ts";
import { startLocalCloud, type LocalCloud } from "../local/index.ts";
import type { DemoArguments } from "./arguments.ts";
import { foldersOf, type Clip } from "./clips.ts";
import type { Console } from "./console.ts";
import { Journey } from "./journey.ts";
import { artifactFolder, templateFile } from "./package-service.ts";
import { countRows, demoQueries } from "./queries.ts";

const STACK_NAME = "doorstep-dev";
const FLUSH = "POST /_doorstep/firehose/flush";
/** Sessions take less time than their video; this is for very slow machines. */
const SESSIONS_WITHIN_MS = 180_000;

/** The last line of `--json`. */
interface Outcome {
  readonly cameras: number;
  readonly sessions: number;
  readonly notifications: number;
  readonly parquetFiles: number;
  readonly rows: { readonly detections: number; readonly sessions: number };
  readonly seconds: number;
}

/** Starts the local cloud from the package, takes the clips from camera to SQL, and keeps running without `--exit`. */
export async function run(
  demoArguments: DemoArguments,
  clips: readonly Clip[],
  startedAtMs: number,
  out: Console,
): Promise<void> {
  const local = await out.step(
    "The local cloud started from the compiled template",
    () => bootLocalCloud(demoArguments, clips),
    ({ stack }) => out.dim(`${stack.resources.size} resources`),
  );
  try {
    if (demoArguments.verbose) showLogs(local, out);
    const outcome = await runJourney(local, clips, startedAtMs, out);
    if (demoArguments.json) process.stdout.write(`${JSON.stringify(outcome)}\n`);
    if (!demoArguments.exit) await stayUp(local, out);
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

async function runJourney(
  local: LocalCloud,
  clips: readonly Clip[],
  startedAtMs: number,
  out: Console,
): Promise<Outcome> {
  const config = local.clientConfig;
  let missingDetector: string | undefined;
  local.events.subscribe(({ name, detail }) => {
    if (name === "detector-missing") missingDetector = detail["reason"] as string;
  });
  const journey = await Journey.begin(STACK_NAME, config);
  const listener = await DetectionsListener.subscribe(journey.outputs.DetectionsTopicArn, config);

  const uploads = await out.step(
    "PutMedia sent the clips to the cameras' video streams:",
    () => Promise.all(clips.map((clip) => journey.upload(clip))),
    (uploaded) =>
      uploaded.map(({ camera, fragments }) => `${camera.cameraId} (${fragments} fragments)`).join(", "),
  );
  const sessions = await out.step(
    "Signed motion webhooks started a Rekognition label session per camera",
    () => Promise.all(uploads.map((upload) => journey.motionStart(upload))),
  );
  const sessionIds = sessions.map(({ sessionId }) => sessionId);
  const received = await out.step(
    "The video was decoded and analysed; SNS delivered",
    () => listener.untilAllCompleted(sessionIds, SESSIONS_WITHIN_MS),
    (notifications) => {
      const labels = notifications.flatMap((notification) => notification.labels.map(({ name }) => name));
      return `${notifications.length} notifications (${labels.join(", ") || "no detections"})`;
    },
  );
  for (const { cameraId, isLabelled } of clips)
    if (!isLabelled)
      out.say(
        out.dim(
          missingDetector === undefined
            ? `  ${cameraId}: no labels file; an object model looked for persons, cats and dogs, a heuristic for parcels`
            : `  ${cameraId}: no labels file, and nothing was detected: ${missingDetector}`,
        ),
      );
  await listener.close();

  // Firehose buffers for at least 60 seconds on AWS and here; this local-only call saves the wait.
  await out.step("Firehose ran the transform and wrote to the lake", () => local.control(FLUSH));
  const { parquetFiles, images } = await journey.written(startedAtMs);
  out.say(out.dim(`  ${parquetFiles} Parquet files in the lake, ${images} evidence images`));

  for (const { title, sql } of demoQueries(sessionIds)) {
    const { columns, rows } = await journey.query(sql);
    out.table(title, columns, rows);
  }
  const [counts = []] = (await journey.query(countRows(sessionIds))).rows;
  const seconds = Math.round((systemClock.now() - startedAtMs) / 100) / 10;
  out.say(`\n${out.bold("From nothing to SQL")} in ${seconds} s`);
  return {
    cameras: clips.length,
    sessions: sessions.length,
    notifications: received.length,
    parquetFiles,
    rows: { detections: Number(counts[0]), sessions: Number(counts[1]) },
    seconds,
  };
}

function showLogs({ events }: LocalCloud, out: Console): void {
  events.subscribe(({ service, name, detail }) => {
    if (service === "lambda" && name === "log")
      out.say(out.dim(`  ${String(detail["function"])} │ ${String(detail["line"])}`));
  });
}

async function stayUp({ endpoint, outputs, dataFolder }: LocalCloud, out: Console): Promise<void> {
  out.say(`
The local cloud keeps running. Any AWS SDK or CLI works with it:

  export AWS_ENDPOINT_URL=${endpoint} AWS_REGION=us-east-1
  export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
  aws athena start-query-execution --work-group ${outputs["WorkGroupName"]} \\
    --query-execution-context Database=${outputs["DatabaseName"]} --query-string "select * from detections where dt = cast(current_date as varchar)"

Motion API  ${outputs["MotionApiUrl"]}
Flush now   curl -X POST ${endpoint}/_doorstep/firehose/flush
State, logs and objects are in ${dataFolder}. Press Ctrl+C to stop.`);
  await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  out.say("Stopping.");
}
