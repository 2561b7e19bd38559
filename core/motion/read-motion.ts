import type { Camera } from "../../schemas/camera.ts";
import { motionStart } from "../../schemas/motion.ts";
import { MAX_CLOCK_LEAD_MS, MAX_MOTION_AGE_MS } from "../sessions/reduce.ts";
import { documentsOf, type RequestBody } from "./documents.ts";
import { DEVICE_FORMATS } from "./formats/index.ts";
import { UnreadableBody, type Address, type MotionKind, type Reading } from "./formats/reading.ts";
import { parseMotionStart, parseMotionStop } from "./parse-motion.ts";
import { Problem } from "../problem.ts";

/** A body in the standard format has a few dozen bytes. */
const MAX_STANDARD_BYTES = 16 * 1024;

type DeviceFormat = keyof typeof DEVICE_FORMATS;
type Settings = Pick<Camera, "cameraId" | "motionFormat" | "motionBegan" | "motionEnded" | "motionTime">;

/** What a camera's request reports. */
export interface Motion {
  readonly kind: MotionKind;
  /** When, epoch milliseconds; at the request's receipt if absent. */
  readonly at?: number | undefined;
  readonly maxDurationSeconds?: number | undefined;
  /** Why there is no motion. */
  readonly reason?: string | undefined;
}

/**
 * Reads a motion request by the camera's motion format. A request without a body, and one that can only be of the standard
 * format, is read by that, so that Doorstep's own commands report motion for any camera. Devices report
 * motion as it happens, so a device's time that cannot be read, or that is over a minute ahead or over a day ago, is
 * replaced by the time of receipt.
 * @throws Problem `wrong-format` for a body of another format; for the standard format, what `parse-motion.ts` throws
 */
export function readMotion(camera: Settings, body: RequestBody, address: Address, nowMs: number): Motion {
  if (camera.motionFormat === "standard" || isStandard(body))
    return readStandard(camera, body, address, nowMs);
  const reading = readDevice(camera.motionFormat, camera, body, address);
  if (reading instanceof UnreadableBody) throw wrongFormat(camera, body, reading);
  const { kind, at, reason } = reading;
  if (kind === "began" && address === "ended")
    throw new Problem(
      "wrong-format",
      `the body says that motion began (${reason}), but it was sent to the address for motion that ended; send every notification of this camera to …/motion/start`,
    );
  return { kind, at: plausible(at, nowMs), reason };
}

function readStandard(camera: Settings, body: RequestBody, address: Address, nowMs: number): Motion {
  if (body.bytes.length > MAX_STANDARD_BYTES && suggestedFormat(body) === undefined)
    throw new Problem(
      "body-too-large",
      `the body is over ${MAX_STANDARD_BYTES} bytes; a motion request needs a few dozen`,
    );
  try {
    const text = body.bytes.toString("utf8");
    if (address === "ended") return { kind: "ended", at: parseMotionStop(text, nowMs).at };
    const { at, maxDurationSeconds } = parseMotionStart(text, nowMs);
    return { kind: "began", at, maxDurationSeconds };
  } catch (error) {
    const isRefused = error instanceof Problem && suggestedFormat(body) !== undefined;
    throw isRefused ? wrongFormat(camera, body, new UnreadableBody("is of another format")) : error;
  }
}

/** The first document that reports motion, otherwise the first that can be read. */
function readDevice(
  format: DeviceFormat,
  rules: Omit<Settings, "cameraId" | "motionFormat">,
  body: RequestBody,
  address: Address,
): Reading | UnreadableBody {
  const { read } = DEVICE_FORMATS[format];
  const readings: Reading[] = [];
  let problem = new UnreadableBody("is multipart without a text");
  for (const document of documentsOf(body))
    try {
      readings.push(read(document, address, rules));
    } catch (error) {
      if (!(error instanceof UnreadableBody)) throw error;
      problem = error;
    }
  return readings.find(({ kind }) => kind !== "none") ?? readings[0] ?? problem;
}

/** The format that can read a body, if there is one; `generic` reads anything. */
function suggestedFormat(body: RequestBody): DeviceFormat | undefined {
  const formats = Object.keys(DEVICE_FORMATS) as DeviceFormat[];
  return formats.find(
    (format) => format !== "generic" && !(readDevice(format, {}, body, "began") instanceof UnreadableBody),
  );
}

function wrongFormat(
  { cameraId, motionFormat }: Settings,
  body: RequestBody,
  { message }: UnreadableBody,
): Problem {
  const expected =
    motionFormat === "standard" ? "a JSON object or no body" : DEVICE_FORMATS[motionFormat].expected;
  const suggested = suggestedFormat(body);
  const advice =
    suggested === undefined
      ? "if the device sends something else, change it with: npx doorstep camera update"
      : `it looks like ${suggested}; if that is what the device sends: npx doorstep camera update`;
  return new Problem(
    "wrong-format",
    `expected ${expected}, because this camera's motion format is ${motionFormat}; the body ${message}; ` +
      `${advice} ${cameraId} --motion-format ${suggested ?? "<format>"}`,
  );
}

/** No body, or a JSON object with fields of the standard format and no others. */
function isStandard({ bytes }: RequestBody): boolean {
  if (bytes.length > MAX_STANDARD_BYTES) return false;
  const text = bytes.toString("utf8").trim();
  if (text === "") return true;
  if (!text.startsWith("{")) return false;
  try {
    return Object.keys(JSON.parse(text) as object).every((key) => Object.hasOwn(motionStart.entries, key));
  } catch {
    return false;
  }
}

const plausible = (at: number | undefined, nowMs: number): number | undefined =>
  at !== undefined &&
  Number.isInteger(at) &&
  at <= nowMs + MAX_CLOCK_LEAD_MS &&
  at >= nowMs - MAX_MOTION_AGE_MS
    ? at
    : undefined;
