import type { Command } from "../../command.ts";
import { cameraAdd } from "./add.ts";
import { cameraArm, cameraDisarm } from "./arm.ts";
import { cameraImport } from "./import.ts";
import { cameraList } from "./list.ts";
import { cameraRemove } from "./remove.ts";
import { cameraRotateKey } from "./rotate-key.ts";
import { cameraShow } from "./show.ts";
import { cameraUpdate } from "./update.ts";

/** The registry of cameras, in the order of its help. */
export const cameraCommands: readonly Command[] = [
  cameraAdd,
  cameraList,
  cameraShow,
  cameraUpdate,
  cameraRemove,
  cameraRotateKey,
  cameraArm,
  cameraDisarm,
  cameraImport,
];
