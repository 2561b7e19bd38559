import type { DataStreamState } from "../../../operator/face-processor.ts";
import { webhooksOf } from "../../camera/credential-forms.ts";
import {
  credentialLines,
  credentialsOf,
  keyText,
  openFleet,
  registered,
  webhookLines,
} from "../../camera/registry.ts";
import { settingRows } from "../../camera/settings.ts";
import { CLOUD_FLAGS, STACK_FLAG } from "../../cloud.ts";
import { columns, defineCommand } from "../../command.ts";

const FLAGS = {
  credentials: {
    type: "boolean",
    about: "also print its credential; anyone who has it can send motion requests as the camera",
  },
  ...STACK_FLAG,
  ...CLOUD_FLAGS,
} as const;

const NOTES = `  npx doorstep camera show front-door
  npx doorstep camera show front-door --credentials --json

Needs cloudformation:DescribeStacks, dynamodb:GetItem, kinesisvideo:DescribeStream, rekognition:DescribeStreamProcessor,
for face-search kinesis:DescribeStreamSummary and lambda:ListEventSourceMappings, and for the credential
secretsmanager:GetSecretValue.`;

export const cameraShow = defineCommand({
  name: "camera show",
  about: "Show a camera's settings, its state and its webhook URLs",
  operands: ["<id>"],
  flags: FLAGS,
  notes: NOTES,
  async run({ flags, operands: [id], console, clock }) {
    const fleet = await openFleet(flags, clock);
    const camera = await registered(fleet, id!, flags.stack);
    const { MotionApiUrl } = fleet.outputs;
    const { stream, processor, dataStream, session } = await fleet.stateOf(camera);
    const credentials = flags.credentials ? await credentialsOf(fleet, camera) : undefined;
    const processorText = processor
      ? `${processor.status}${processor.reason === undefined ? "" : `: ${processor.reason}`}`
      : "missing; camera add creates it";
    console.say(console.style("bold", camera.cameraId));
    console.say(
      columns([
        ...settingRows(camera),
        [
          "stream",
          `${camera.streamName}, ${stream ? `${stream.status}, keeps ${stream.retentionHours} h` : "missing; camera add creates it"}`,
        ],
        ...(camera.engine === "frames"
          ? []
          : [["processor", `${camera.processorName}, ${processorText}`] as [string, string]]),
        ...(dataStream
          ? [["data stream", `${camera.processorName}, ${dataStreamText(dataStream)}`] as [string, string]]
          : []),
        [
          "session",
          `${session?.state ?? "none yet"}${session?.failure === undefined ? "" : `, last failure: ${session.failure}`}`,
        ],
        ["key", keyText(camera, clock.now())],
      ]),
    );
    console.say();
    for (const line of webhookLines(MotionApiUrl, camera)) console.say(line);
    if (credentials) for (const line of ["", ...credentialLines(credentials)]) console.say(line);
    console.result({
      camera,
      stream: stream && { status: stream.status, retentionHours: stream.retentionHours, arn: stream.arn },
      processor,
      ...(dataStream && { dataStream }),
      session: session && { state: session.state, failure: session.failure },
      webhooks: webhooksOf(MotionApiUrl, camera.cameraId),
      ...(credentials && { credentials }),
    });
  },
});

function dataStreamText({ status, trigger }: DataStreamState): string {
  const missing = "missing; camera add creates it";
  return status === undefined ? missing : `${status}, its trigger of recordFaces ${trigger ?? missing}`;
}
