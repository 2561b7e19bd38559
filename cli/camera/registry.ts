import type { Clock } from "../../base/clock.ts";
import { Fleet } from "../../operator/fleet.ts";
import type { Camera } from "../../schemas/camera.ts";
import type { MotionFormat } from "../../schemas/motion-format.ts";
import { checkCameraId, clientConfig, type StackFlags } from "../cloud.ts";
import { iso } from "../text.ts";
import { credentialForms, curlLines, webhooksOf } from "./credential-forms.ts";

/** @throws Error that names the stack, when it does not exist or is not Doorstep's */
export const openFleet = (flags: StackFlags, clock: Clock): Promise<Fleet> =>
  Fleet.open(flags.stack, clientConfig(flags), clock);

/** @throws UsageError when the id is invalid */
export const checkedId = (id: string): string => checkCameraId("<id>", id);

/** @throws UsageError when the id is invalid; Error when no camera of that id is registered */
export async function registered(fleet: Fleet, id: string, stack: string): Promise<Camera> {
  const camera = await fleet.find(checkedId(id));
  if (!camera)
    throw new Error(`no camera ${id} is registered in stack ${stack}; npx doorstep camera add ${id}`);
  return camera;
}

/** The camera's credential, with shell commands that use it. Secret: print it on request only. */
export async function credentialsOf(fleet: Fleet, camera: Camera) {
  const { MotionApiUrl } = fleet.outputs;
  const forms = credentialForms(camera, MotionApiUrl, await fleet.masterSecret());
  return { ...forms, curl: curlLines(forms, webhooksOf(MotionApiUrl, camera.cameraId)) };
}

/** Formats whose bodies say whether motion began or ended, or that report beginnings only. */
const isOneAddress = (format: MotionFormat): boolean => format !== "standard" && format !== "generic";

/** The URLs that a camera calls, for people. */
export function webhookLines(
  motionApiUrl: string,
  { cameraId, motionFormat }: Pick<Camera, "cameraId" | "motionFormat">,
): string[] {
  const { startUrl, stopUrl } = webhooksOf(motionApiUrl, cameraId);
  if (isOneAddress(motionFormat)) return [`every notification   ${startUrl}`];
  return [`motion began   ${startUrl}`, `motion ended   ${stopUrl}`];
}

/** The credential in every form that cameras support, for people. */
export function credentialLines(forms: Awaited<ReturnType<typeof credentialsOf>>): string[] {
  const { keyVersion, webhookSecret, bearerToken, curl } = forms;
  return [
    `Credential, key version ${keyVersion}. Use one of these; the first is the most secure:`,
    "",
    "Standard Webhooks, signed with this secret",
    `  ${webhookSecret}`,
    `  ${curl.signature}`,
    "",
    "Bearer token",
    `  ${bearerToken}`,
    `  ${curl.bearer}`,
    "",
    "Basic, user and password, also as part of the URL",
    `  ${forms.basicUser}`,
    `  ${forms.basicPassword}`,
    `  ${forms.basicStartUrl}`,
    `  ${forms.basicStopUrl}`,
    `  ${curl.basic}`,
    "",
    "Token in the URL, which proxies may log",
    `  ${forms.tokenStartUrl}`,
    `  ${forms.tokenStopUrl}`,
    `  ${curl.query}`,
  ];
}

/** The valid key versions. */
export function keyText({ keyVersion, previousKeyUntilMs }: Camera, nowMs: number): string {
  const isRotating = previousKeyUntilMs !== undefined && previousKeyUntilMs > nowMs;
  return `version ${keyVersion}${isRotating ? `; version ${keyVersion - 1} until ${iso(previousKeyUntilMs)}` : ""}`;
}
