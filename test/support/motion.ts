import type { Agent } from "node:http";
import { deriveKey, sign } from "../../core/webhook.ts";
import { send, type HttpAnswer } from "./http.ts";

/** A fleet's motion API and what its credentials are derived from. */
export interface MotionApi {
  /** e.g. `http://127.0.0.1:3000` */
  readonly url: string;
  readonly masterSecret: string;
  readonly agent: Agent;
  /** The fleet's time, epoch milliseconds. */
  readonly nowMs: () => number;
}

const KEY_VERSION = 1;
let sent = 0;

/** The headers of a Standard Webhook, signed with a camera's key. */
export function signedHeaders(
  { masterSecret, nowMs }: Pick<MotionApi, "masterSecret" | "nowMs">,
  cameraId: string,
  body: string | Buffer,
  id = `msg_${process.pid}_${sent++}`,
): Record<string, string> {
  const timestamp = String(Math.floor(nowMs() / 1000));
  const signature = sign(deriveKey(masterSecret, cameraId, KEY_VERSION), id, timestamp, body);
  return {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signature,
  };
}

/** Reports motion as a camera does. */
export const reportMotion = (
  api: MotionApi,
  cameraId: string,
  verb: "start" | "stop",
  body = "{}",
): Promise<HttpAnswer> =>
  send(
    `${api.url}/cameras/${cameraId}/motion/${verb}`,
    { method: "POST", headers: signedHeaders(api, cameraId, body), body },
    api.agent,
  );
