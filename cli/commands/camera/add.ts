import type { Added, CameraParts, Fleet } from "../../../operator/fleet.ts";
import { NO_VIDEO, type Trial } from "../../../operator/processor-trial.ts";
import { withBudgetMinutes } from "../../camera/budget.ts";
import { webhooksOf } from "../../camera/credential-forms.ts";
import type { Camera } from "../../../schemas/camera.ts";
import { ENGINES } from "../../../schemas/engine.ts";
import { checkedId, credentialLines, credentialsOf, openFleet, webhookLines } from "../../camera/registry.ts";
import {
  AUTO,
  CAMERA_FLAGS,
  checkTogether,
  defaultSettingRows,
  differences,
  settingRows,
  settingsOf,
  type Given,
} from "../../camera/settings.ts";
import { CLOUD_FLAGS, STACK_FLAG } from "../../cloud.ts";
import { columns, defineCommand, UsageError } from "../../command.ts";
import type { Console } from "../../console.ts";

const FLAGS = {
  ...CAMERA_FLAGS,
  engine: {
    type: "string",
    value: [AUTO, ...ENGINES].join("|"),
    default: AUTO,
    about: "engine that analyses the video; auto chooses by account, Region and labels",
  },
  disarmed: { type: "boolean", about: "do not analyse motion until camera arm" },
  "key-version": {
    type: "string",
    value: "<n>",
    about: "version of a new camera's key, by default the first that no camera of this id had",
  },
  "no-trial": {
    type: "boolean",
    about: "do not run the processor for a moment on stored video to check its role and stream",
  },
  ...STACK_FLAG,
  ...CLOUD_FLAGS,
} as const;

const NOTES = `Creates the camera's Kinesis video stream, its stream processor if its engine has one, and its record, in this order.
Existing parts are kept, so the command can be repeated; if a part cannot be created, what was created is removed again, or
the error names what remains.

The engine auto is stream-processor, which analyses all of the video, in an account and Region that have access to
Rekognition's streaming video; else frames, which samples the video with DetectLabels. Labels of Rekognition's list,
--max-sample-gap, --when-all-detected and --faces on choose frames. The output says what was chosen and why. A registered camera
keeps its engine; camera update --engine moves it. docs/engines.md compares the engines.

face-search, with --faces on, detects no labels: its processor searches the faces in live video, in the Regions and accounts that
have that. It is never chosen, since frames searches faces in every account. It also needs a Kinesis data stream, which is billed
by the hour, and a trigger of recordFaces; both are created before the processor.

A wrong role or stream only shows when a processor runs: if the stream holds video already, a new processor then
analyses a second of it (and is stopped after five), and its notifications reach the lake as any session's. A trial that
fails for a reason that can be fixed is an error; one without a clear reason is a warning, and the camera stays. The
credential is shown when the record is new; camera show --credentials shows it again.
A stream processor has one minimum confidence for all its labels: the lowest of them. Settings by default:

${columns(defaultSettingRows())}

--budget-usd buys minutes at Rekognition's list price in us-east-1, of the engine as it analyses: with frames, of sessions that
sample to their end. The camera keeps the dollars, so camera update gives it other minutes when its engine, --max-duration or
--max-sample-gap changes. Each sample of frames spends its share of a whole session's minutes. Other services cost beside it.

  npx doorstep camera add front-door
  npx doorstep camera add yard --labels PERSON=80,PET --region-of-interest 0,0.4,1,0.6 --tag site=north
  npx doorstep camera add drive --motion-format hikvision --labels PERSON,Car=80 --max-sample-gap 2
  npx doorstep camera add hall --budget-usd 0.25
  npx doorstep camera add porch --faces on
  npx doorstep camera add gate --engine face-search --faces on
  npx doorstep camera add shop --schedule "mon-sat 20:00-06:00; sun 00:00-24:00" --time-zone Europe/Berlin --budget-minutes 60

Needs cloudformation:DescribeStacks, secretsmanager:GetSecretValue, dynamodb:GetItem and PutItem, kinesisvideo:CreateStream,
DescribeStream and UpdateDataRetention; for auto, rekognition:ListStreamProcessors; for a stream processor,
rekognition:CreateStreamProcessor and DescribeStreamProcessor, and iam:PassRole on the stack's RekognitionRole; to try it,
kinesisvideo:GetDataEndpoint and ListFragments, and rekognition:StartStreamProcessor and StopStreamProcessor; for face-search,
iam:PassRole on the stack's FaceSearchRole, kinesis:CreateStream and DescribeStreamSummary, and
lambda:CreateEventSourceMapping and ListEventSourceMappings; to remove what it created, kinesisvideo:DeleteStream and
rekognition:DeleteStreamProcessor, and for face-search the permissions of camera remove.`;

export const cameraAdd = defineCommand({
  name: "camera add",
  about: "Register a camera and create its stream and, if its engine needs one, its stream processor",
  operands: ["<id>"],
  flags: FLAGS,
  notes: NOTES,
  async run({ flags, operands: [id], console, clock }) {
    const cameraId = checkedId(id!);
    const { engine, ...others } = flags;
    const given = settingsOf({ ...others, ...(engine.trim() !== AUTO && { engine }) });
    checkTogether(given.settings);
    const settings = { ...given.settings, ...(flags.disarmed && { armed: false }) };
    const keyVersion = readKeyVersion(flags["key-version"]);
    const fleet = await openFleet(flags, clock);
    const before = await fleet.find(cameraId);
    if (before) await refuseDifferent(fleet, before, { ...given, settings });
    console.progress(`${cameraId}: creating its parts`);
    const created: CameraParts = { cameraId };
    const added = await fleet.add(
      { engine: AUTO, cameraId, ...settings },
      { created, retentionHours: given.retentionHours, keyVersion, complete: withBudgetMinutes },
    );
    const isTried =
      !flags["no-trial"] &&
      added.camera.engine === "stream-processor" &&
      (added.isNew || added.processor !== "unchanged");
    const trial = isTried ? await tryCamera(fleet, added, created, console) : undefined;
    const { camera, isNew } = added;
    const credentials = isNew ? await credentialsOf(fleet, camera) : undefined;
    for (const line of addedLines(added)) console.say(line);
    if (trial) sayTrial(trial, camera, console);
    console.say(columns(settingRows(camera)));
    console.say();
    for (const line of webhookLines(fleet.outputs.MotionApiUrl, camera)) console.say(line);
    console.say();
    if (credentials) for (const line of credentialLines(credentials)) console.say(line);
    else
      console.say(
        `Its credential was shown when it was registered; npx doorstep camera show ${cameraId} --credentials`,
      );
    console.result({
      camera,
      ...outcomeOf(added),
      ...(trial && { trial }),
      webhooks: webhooksOf(fleet.outputs.MotionApiUrl, cameraId),
      ...(credentials && { credentials }),
    });
  },
});

function readKeyVersion(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new UsageError(`--key-version is ${text}; expected a whole number from 1`);
  return Number(text);
}

/**
 * Runs the camera's processor for a moment.
 * @throws Error when it fails for a reason that can be fixed; what was created for a new camera is then removed again
 */
async function tryCamera(
  fleet: Fleet,
  { camera, isNew, stream }: Added,
  created: CameraParts,
  console: Console,
): Promise<Trial> {
  const { cameraId, processorName } = camera;
  console.progress(`${cameraId}: trying its processor on stored video`);
  if (stream.isNew) return { outcome: "not-tried", reason: NO_VIDEO };
  const trial = await fleet.try(camera);
  if (trial.outcome !== "failed") return trial;
  const failure = new Error(`the stream processor ${processorName} failed in its trial run: ${trial.reason}`);
  if (isNew) throw await fleet.takeBack(created, failure);
  failure.message += `; ${cameraId} stays registered, and its next sessions fail like this until the cause is fixed`;
  throw failure;
}

function sayTrial(trial: Trial, { cameraId, processorName }: Camera, console: Console): void {
  if (trial.outcome === "passed") console.say("its processor could read its stored video");
  else if (trial.outcome === "not-tried")
    console.say(
      `its processor was not tried: ${trial.reason}. A wrong role shows at the first motion; npx doorstep doctor then names it`,
    );
  else
    console.note(
      console.style(
        "yellow",
        `warning: ${cameraId} is registered, but its processor ${processorName} failed in its trial run without a clear reason: ${trial.reason}`,
      ),
    );
}

/** @throws Error when the camera is registered with other settings */
async function refuseDifferent(
  fleet: Fleet,
  camera: Camera,
  { settings, retentionHours }: Given,
): Promise<void> {
  const { cameraId } = camera;
  const fields = differences(camera, settings);
  if (retentionHours !== undefined) {
    const { stream } = await fleet.stateOf(camera);
    if (stream && stream.retentionHours !== retentionHours) fields.push("retentionHours");
  }
  if (fields.length > 0)
    throw new Error(
      `${cameraId} is registered with other ${fields.join(", ")}; nothing was changed, npx doorstep camera update ${cameraId} does`,
    );
}

/** Which parts were created and which existed. */
function outcomeOf({ camera, isNew, stream, processor, engineReason }: Added) {
  return {
    outcome: isNew ? "added" : "existed",
    record: isNew ? "created" : "existed",
    stream: {
      name: camera.streamName,
      outcome: stream.isNew ? "created" : "existed",
      retentionHours: stream.retentionHours,
    },
    ...(processor !== "none" && {
      processor: { name: camera.processorName, outcome: processor === "unchanged" ? "existed" : processor },
    }),
    ...(engineReason !== undefined && { engineReason }),
  };
}

function addedLines(added: Added): string[] {
  const { record, stream, processor, engineReason } = outcomeOf(added);
  const textOf = (outcome: string) => (outcome === "existed" ? "exists" : outcome);
  return [
    `${added.camera.cameraId}: ${added.isNew ? "registered" : "was registered already"}`,
    ...(engineReason === undefined ? [] : [`engine: ${added.camera.engine}, because ${engineReason}`]),
    columns([
      ["stream", `${stream.name}, ${textOf(stream.outcome)}, active, keeps ${stream.retentionHours} h`],
      ...(processor
        ? [["processor", `${processor.name}, ${textOf(processor.outcome)}`] as [string, string]]
        : []),
      ["record", textOf(record)],
    ]),
  ];
}
