import { once } from "node:events";
import { resolve } from "node:path";
import { systemClock } from "../base/clock.ts";
import { DetectionsListener } from "../operator/detections-listener.ts";
import { boot, type LocalCloud } from "../local/boot.ts";
import { allServices } from "../local/services.ts";
import { readTemplate } from "../local/template/template.ts";
import type { DemoArguments } from "./arguments.ts";
import { foldersOf, type Clip } from "./clips.ts";
import type { Console } from "./console.ts";
import { Journey, type ClientConfig } from "./journey.ts";
import { artifactFolder, templateFile } from "./package-service.ts";
import { countRows, questions } from "./questions.ts";

const STACK_NAME = "doorstep-dev";
const REGION = "us-east-1";
/** A session's video is analysed faster than it plays; this is for very slow machines. */
const SESSIONS_WITHIN_MS = 180_000;
/** The account owner's: any access key whose secret is the same. */
const CREDENTIALS = { accessKeyId: "local", secretAccessKey: "local" };

/** What `--json` prints as its last line. */
interface Outcome {
  readonly cameras: number;
  readonly sessions: number;
  readonly notifications: number;
  readonly parquetFiles: number;
  readonly rows: { readonly detections: number; readonly sessions: number };
  readonly seconds: number;
}

/** Boots the local cloud from the package, takes the clips from camera to SQL, and stays up unless told to exit. */
export async function run(
  demoArguments: DemoArguments,
  clips: readonly Clip[],
  startedAtMs: number,
  out: Console,
): Promise<void> {
  const local = await out.step(
    "The local cloud booted from the compiled template",
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
  boot({
    template: readTemplate(templateFile),
    stackName: STACK_NAME,
    artifactFolder,
    dataFolder: resolve(demoArguments.dataFolder),
    region: REGION,
    awsPort: demoArguments.awsPort,
    services: allServices(demoArguments.httpPort),
    clipFolders: foldersOf(clips),
  });

async function runJourney(
  { cloud }: LocalCloud,
  clips: readonly Clip[],
  startedAtMs: number,
  out: Console,
): Promise<Outcome> {
  const config: ClientConfig = { region: cloud.region, endpoint: cloud.endpoint, credentials: CREDENTIALS };
  const journey = await Journey.begin(STACK_NAME, config);
  const listener = await DetectionsListener.subscribe(journey.outputs.DetectionsTopicArn, config);

  const uploads = await out.step(
    "PutMedia took the clips into the cameras' video streams:",
    () => Promise.all(clips.map((clip) => journey.upload(clip))),
    (uploaded) =>
      uploaded.map(({ camera, fragments }) => `${camera.cameraId} (${fragments} fragments)`).join(", "),
  );
  const sessions = await out.step(
    "Signed motion webhooks started a Rekognition label session for each camera",
    () => Promise.all(uploads.map((upload) => journey.motionStart(upload))),
  );
  const sessionIds = sessions.map(({ sessionId }) => sessionId);
  const heard = await out.step(
    "The video was decoded and analysed; SNS delivered",
    () => listener.untilComplete(sessionIds, SESSIONS_WITHIN_MS),
    (notifications) => {
      const labels = notifications.flatMap((notification) => notification.labels.map(({ name }) => name));
      return `${notifications.length} notifications (${labels.join(", ") || "nothing was seen"})`;
    },
  );
  for (const { cameraId, isLabelled } of clips)
    if (!isLabelled)
      out.say(out.dim(`  ${cameraId}: no labels file, so moving regions stand in for detections`));
  await listener.close();

  await out.step("Firehose ran the transform and wrote the lake", () => flushFirehose(cloud.endpoint));
  const { parquetFiles, images } = await journey.written(startedAtMs);
  out.say(out.dim(`  ${parquetFiles} Parquet files in the lake, ${images} evidence images`));

  for (const { title, sql } of questions(sessionIds)) {
    const { columns, rows } = await journey.ask(sql);
    out.table(title, columns, rows);
  }
  const [counts = []] = (await journey.ask(countRows(sessionIds))).rows;
  const seconds = Math.round((systemClock.now() - startedAtMs) / 100) / 10;
  out.say(`\n${out.bold("From nothing to SQL")} in ${seconds} s`);
  return {
    cameras: clips.length,
    sessions: sessions.length,
    notifications: heard.length,
    parquetFiles,
    rows: { detections: Number(counts[0]), sessions: Number(counts[1]) },
    seconds,
  };
}

/** Firehose buffers for at least 60 seconds on AWS and here; this local-only call spares the wait. */
async function flushFirehose(endpoint: string): Promise<void> {
  const response = await fetch(`${endpoint}/_doorstep/firehose/flush`, { method: "POST" });
  if (!response.ok) throw new Error(`Firehose could not be flushed: ${await response.text()}`);
}

function showLogs({ cloud }: LocalCloud, out: Console): void {
  cloud.events.subscribe(({ service, name, detail }) => {
    if (service === "lambda" && name === "log")
      out.say(out.dim(`  ${String(detail["function"])} │ ${String(detail["line"])}`));
  });
}

async function stayUp({ cloud, stack }: LocalCloud, out: Console): Promise<void> {
  const output = (key: string) => stack.outputs.find((one) => one.key === key)?.value;
  out.say(`
The local cloud stays up. Any AWS SDK or CLI works against it:

  export AWS_ENDPOINT_URL=${cloud.endpoint} AWS_REGION=${cloud.region}
  export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
  aws athena start-query-execution --work-group ${output("WorkGroupName")} \\
    --query-execution-context Database=${output("DatabaseName")} --query-string "select * from detections"

Motion API  ${output("MotionApiUrl")}
Flush now   curl -X POST ${cloud.endpoint}/_doorstep/firehose/flush
State, functions' logs and objects lie in ${cloud.dataFolder}. Ctrl+C stops.`);
  await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  out.say("Stopping.");
}
