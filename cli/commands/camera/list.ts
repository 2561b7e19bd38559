import { openFleet } from "../../camera/registry.ts";
import { armedText } from "../../camera/settings.ts";
import { CLOUD_FLAGS, STACK_FLAG } from "../../cloud.ts";
import { defineCommand, UsageError } from "../../command.ts";
import { formatLabels, parseTag, TextError } from "../../camera/text.ts";
import { textTable } from "../../table.ts";
import { counted } from "../../text.ts";

const FLAGS = {
  tag: {
    type: "string",
    multiple: true,
    value: "<key=value>",
    about: "list only cameras with this tag; may be repeated",
  },
  ...STACK_FLAG,
  ...CLOUD_FLAGS,
} as const;

const NOTES = `  npx doorstep camera list --tag site=north
  npx doorstep camera list --json | jq -r '.cameras[].cameraId'

Needs cloudformation:DescribeStacks and dynamodb:Scan.`;

export const cameraList = defineCommand({
  name: "camera list",
  about: "List the registered cameras",
  operands: [],
  flags: FLAGS,
  notes: NOTES,
  async run({ flags, console, clock }) {
    const wanted = flags.tag.map(readTag);
    const fleet = await openFleet(flags, clock);
    const cameras = (await fleet.list()).filter(({ tags }) =>
      wanted.every(([key, value]) => tags[key] === value),
    );
    if (cameras.length > 0)
      console.say(
        textTable(
          ["camera", "engine", "labels", "faces", "armed", "motion", "tags"],
          cameras.map((camera) => [
            camera.cameraId,
            camera.engine,
            camera.engine === "face-search" ? "" : formatLabels(camera.labels),
            camera.faces ? "on" : "off",
            armedText(camera),
            camera.motionFormat,
            Object.entries(camera.tags)
              .map(([key, value]) => `${key}=${value}`)
              .join(", "),
          ]),
        ),
      );
    console.say(counted(cameras.length, "camera"));
    console.result({ cameras });
  },
});

function readTag(text: string): [string, string] {
  try {
    return parseTag(text);
  } catch (error) {
    throw error instanceof TextError ? new UsageError(`--tag: ${error.message}`) : error;
  }
}
