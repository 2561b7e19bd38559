import * as v from "valibot";
import { errorMessage } from "../../base/errors.ts";
import { Fleet } from "../../operator/fleet.ts";
import { credentialForms, curlLines, webhooksOf } from "./credential-forms.ts";
import { cameraId as cameraIdSchema, type Camera } from "../../schemas/camera.ts";
import { clientConfig } from "../cloud.ts";
import { UsageError } from "../command.ts";
import { iso } from "../text.ts";

interface Where {
  readonly stack: string;
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
}

/** @throws Error naming the stack when there is none or it is not Doorstep's */
export async function openFleet(where: Where): Promise<Fleet> {
  const config = clientConfig(where);
  try {
    return await Fleet.open(where.stack, config);
  } catch (error) {
    const reason = errorMessage(error);
    throw new Error(`stack ${where.stack}: ${reason}`, { cause: error });
  }
}

/** @throws UsageError for an id that is none */
export function checkedId(id: string): string {
  const parsed = v.safeParse(cameraIdSchema, id);
  if (!parsed.success) throw new UsageError(`<id> is ${id}; ${parsed.issues[0].message}`);
  return id;
}

/** @throws UsageError for an id that is none; Error when no camera of that id is registered */
export async function registered(fleet: Fleet, id: string, stack: string): Promise<Camera> {
  const camera = await fleet.find(checkedId(id));
  if (!camera) throw new Error(`no camera ${id} is registered in stack ${stack}; doorstep camera add ${id}`);
  return camera;
}

/** The camera's credential, with what a shell takes: secret, so only for whoever asked. */
export async function credentialsOf(fleet: Fleet, camera: Camera) {
  const { MotionApiUrl } = fleet.outputs;
  const forms = credentialForms(camera, MotionApiUrl, await fleet.masterSecret());
  return { ...forms, curl: curlLines(forms, webhooksOf(MotionApiUrl, camera.cameraId)) };
}

/** The addresses that a camera calls, for people. */
export function webhookLines(motionApiUrl: string, cameraId: string): string[] {
  const { startUrl, stopUrl } = webhooksOf(motionApiUrl, cameraId);
  return [`motion began   ${startUrl}`, `motion ended   ${stopUrl}`];
}

/** The credential in every form that cameras accept, for people. */
export function credentialLines(forms: Awaited<ReturnType<typeof credentialsOf>>): string[] {
  const { keyVersion, webhookSecret, bearerToken, curl } = forms;
  return [
    `Credential, key version ${keyVersion}; any one of these will do, the best first:`,
    "",
    "Standard Webhooks, signed with this secret",
    `  ${webhookSecret}`,
    `  ${curl.signature}`,
    "",
    "Bearer token",
    `  ${bearerToken}`,
    `  ${curl.bearer}`,
    "",
    "Basic, user and password, also within the address",
    `  ${forms.basicUser}`,
    `  ${forms.basicPassword}`,
    `  ${forms.basicStartUrl}`,
    `  ${forms.basicStopUrl}`,
    `  ${curl.basic}`,
    "",
    "Token in the address, which proxies may log",
    `  ${forms.tokenStartUrl}`,
    `  ${forms.tokenStopUrl}`,
    `  ${curl.query}`,
  ];
}

/** Which key versions count. */
export function keyText({ keyVersion, previousKeyUntilMs }: Camera, nowMs: number): string {
  const isRotating = previousKeyUntilMs !== undefined && previousKeyUntilMs > nowMs;
  return `version ${keyVersion}${isRotating ? `; version ${keyVersion - 1} until ${iso(previousKeyUntilMs)}` : ""}`;
}
