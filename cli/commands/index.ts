import type { Command } from "../command.ts";
import { alertCommands } from "./alert/index.ts";
import { cameraCommands } from "./camera/index.ts";
import { clip } from "./clip.ts";
import { consoleCommand } from "./console.ts";
import { cost } from "./cost.ts";
import { coverage } from "./coverage.ts";
import { doctor } from "./doctor.ts";
import { evidence } from "./evidence.ts";
import { facesCommands } from "./faces/index.ts";
import { generate } from "./generate.ts";
import { query } from "./query.ts";
import { redrive } from "./redrive.ts";
import { report } from "./report.ts";
import { simulate } from "./simulate.ts";
import { upload } from "./upload.ts";

/** Every subcommand of `doorstep`, in the order of its help. */
export const commands: readonly Command[] = [
  ...cameraCommands,
  consoleCommand,
  upload,
  simulate,
  clip,
  coverage,
  query,
  evidence,
  ...alertCommands,
  ...facesCommands,
  cost,
  generate,
  report,
  redrive,
  doctor,
];
