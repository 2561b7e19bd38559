import { relative } from "node:path";

/** What a reader needs to go on with the running local cloud. */
interface NextSteps {
  /** Address of the console, with its token. */
  readonly consoleUrl: string;
  readonly endpoint: string;
  readonly region: string;
  readonly motionApi: string | undefined;
  readonly dataFolder: string;
  /** The cameras of the clips; none without the demo. */
  readonly cameraIds: readonly string[];
  /** Whether faces were searched. */
  readonly hasFaces?: boolean;
}

const DEFAULT_DATA_FOLDER = ".doorstep";

/** Commands that work as they are printed, for the running cloud and from this folder. */
export function nextSteps({
  consoleUrl,
  endpoint,
  region,
  motionApi,
  dataFolder,
  cameraIds,
  hasFaces,
}: NextSteps): string {
  const local = localFlags(dataFolder);
  const [cameraId] = cameraIds;
  const commands =
    cameraId === undefined
      ? [`camera add front-door ${local}`, `camera list ${local}`, `doctor ${local}`]
      : [
          `query "SELECT camera_id, label, count(*) AS detections FROM detections GROUP BY camera_id, label" ${local}`,
          `query timeline --param camera=${cameraId} ${local}`,
          `evidence ${cameraId} ${local}`,
          `coverage ${cameraId} --from 1h ${local}`,
          `report -o report.html ${local}`,
          ...(hasFaces ? [`query "SELECT * FROM visits" ${local}`, `faces list ${local}`] : []),
        ];
  return `Console  ${consoleUrl}

The local cloud keeps running; Ctrl+C stops it, and npm start takes its state up again. In another terminal, in this folder:

${commands.map((command) => `  npx doorstep ${command}`).join("\n")}

npx doorstep --help lists the other commands. Any AWS SDK, the AWS CLI and boto3 work with it too:

  export AWS_ENDPOINT_URL=${endpoint} AWS_REGION=${region} AWS_DEFAULT_REGION=${region}
  export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local; unset AWS_PROFILE AWS_SESSION_TOKEN
  aws s3 ls

Your own video   Ctrl+C, then npm start -- my-door.mp4
Alerts           Ctrl+C, then npm start -- --replay --alert https://ntfy.sh/<your topic>; docs/alerts.md has other targets
Faces            Ctrl+C, then npm start -- --faces <folder of pictures>; docs/faces.md says what it asks of you
Motion API       ${motionApi ?? "none"}
Flush Firehose   curl -X POST ${endpoint}/_doorstep/firehose/flush
State and logs   ${dataFolder}`;
}

/** What names the running local cloud to a command that runs in this folder. */
export const localFlags = (dataFolder: string): string =>
  relative("", dataFolder) === DEFAULT_DATA_FOLDER ? "--local" : `--local --data ${shellWord(dataFolder)}`;

export const shellWord = (word: string): string =>
  /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
