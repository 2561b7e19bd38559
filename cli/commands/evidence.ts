import { relative } from "node:path";
import { GENERATED_PREFIX } from "../../analysis/synthetic/camera.ts";
import { findEvidence, saveEvidence } from "../../operator/evidence.ts";
import { stackOutputs } from "../../operator/stack.ts";
import { checkCameraId, clientConfig, CLOUD_FLAGS, STACK_FLAG } from "../cloud.ts";
import { defineCommand, UsageError } from "../command.ts";
import { readNumberFlag } from "../number.ts";
import { textTable } from "../table.ts";
import { counted, iso, readTime, TIME_NOTE } from "../text.ts";

const MAX_DETECTIONS = 1000;

const FLAGS = {
  from: { type: "string", value: "<time>", default: "24h", about: "start of the period" },
  to: { type: "string", value: "<time>", default: "now", about: "end of the period" },
  limit: {
    type: "string",
    value: "<n>",
    default: "20",
    about: `the latest n detections, at most ${MAX_DETECTIONS}`,
  },
  output: {
    type: "string",
    short: "o",
    value: "<folder>",
    default: "evidence",
    about: "folder for the pictures",
  },
  ...STACK_FLAG,
  ...CLOUD_FLAGS,
} as const;

const NOTES = `Writes two files for each detection: the detected object, and with -frame in its name the whole picture around it. Without
a camera it takes those of all cameras but synthetic ones.
${TIME_NOTE}

  npx doorstep evidence front-door
  npx doorstep evidence --from 7d --limit 100 -o pictures

Needs the stack's outputs, Athena as doorstep query does, and s3:GetObject on the evidence bucket.`;

export const evidence = defineCommand({
  name: "evidence",
  about: "Fetch the pictures of the latest detections as files",
  operands: ["[<camera>]"],
  flags: FLAGS,
  notes: NOTES,
  async run({ flags, operands: [cameraId], console, signal, clock }) {
    if (cameraId !== undefined) checkCameraId("<camera>", cameraId);
    const nowMs = clock.now();
    const fromMs = readTime("--from", flags.from, nowMs);
    const toMs = readTime("--to", flags.to, nowMs);
    if (fromMs >= toMs) throw new UsageError("--from must be before --to");
    const limit = readNumberFlag("--limit", flags.limit, { least: 1, most: MAX_DETECTIONS });
    const config = clientConfig(flags);
    const outputs = await stackOutputs(flags.stack, config);
    const scope = { fromMs, toMs, limit, cameraId, withoutPrefix: GENERATED_PREFIX };
    const found = await findEvidence(scope, outputs, config, { signal, clock });
    const pictures = found.length > 0 ? await saveEvidence(found, flags.output, config, signal) : [];
    if (found.length === 0) console.note(`No detections from ${iso(fromMs)} to ${iso(toMs)}.`);
    else
      console.say(
        textTable(
          ["detected", "camera", "label", "picture"],
          pictures.map((one) => [
            iso(one.detection.detectedAtMs),
            one.detection.cameraId,
            one.detection.label,
            "file" in one ? relative("", one.file) : `none: ${one.missing}`,
          ]),
        ),
      );
    const missing = pictures.filter((one) => "missing" in one).length;
    if (missing > 0) console.note(`${counted(missing, "picture")} could not be fetched.`);
    console.result({ pictures });
  },
});
