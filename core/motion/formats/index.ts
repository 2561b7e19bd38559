import type { MotionFormat } from "../../../schemas/motion-format.ts";
import { readDahua } from "./dahua.ts";
import { readGeneric } from "./generic.ts";
import { readHikvision } from "./hikvision.ts";
import { readOnvif } from "./onvif.ts";
import type { Reader } from "./reading.ts";
import { readReolink } from "./reolink.ts";
import { readUnifiProtect } from "./unifi-protect.ts";

/** What a format's bodies are, to people, and their reader. `standard` is read by `parse-motion.ts`. */
export const DEVICE_FORMATS: Readonly<
  Record<Exclude<MotionFormat, "standard">, { readonly expected: string; readonly read: Reader }>
> = {
  hikvision: { expected: "an EventNotificationAlert in XML or JSON", read: readHikvision },
  "unifi-protect": { expected: "JSON with alarm.triggers", read: readUnifiProtect },
  onvif: { expected: "an ONVIF Notify in XML", read: readOnvif },
  dahua: { expected: "lines Code=…;action=…, or JSON with Code and Action", read: readDahua },
  reolink: { expected: "JSON with alarm.type", read: readReolink },
  generic: { expected: "JSON or a form with the fields of the camera's rules", read: readGeneric },
};
