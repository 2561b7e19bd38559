import type { Camera } from "../../schemas/camera.ts";
import { deriveToken } from "../../core/motion/credential.ts";
import { deriveKey, formatSecret } from "../../core/webhook.ts";

/** The URLs that a camera calls, without a credential. */
interface CameraWebhooks {
  readonly startUrl: string;
  readonly stopUrl: string;
  readonly sessionUrl: string;
}

export function webhooksOf(motionApiUrl: string, cameraId: string): CameraWebhooks {
  const base = `${motionApiUrl.replace(/\/+$/, "")}/cameras/${cameraId}`;
  return {
    startUrl: `${base}/motion/start`,
    stopUrl: `${base}/motion/stop`,
    sessionUrl: `${base}/session`,
  };
}

/** A camera's credential in every form that the motion API accepts. Secret. */
interface CredentialForms {
  readonly cameraId: string;
  readonly keyVersion: number;
  /** The signing secret of Standard Webhooks. */
  readonly webhookSecret: string;
  readonly bearerToken: string;
  readonly basicUser: string;
  readonly basicPassword: string;
  /** With user and password in the URL. */
  readonly basicStartUrl: string;
  readonly basicStopUrl: string;
  /** With the token in the URL. */
  readonly tokenStartUrl: string;
  readonly tokenStopUrl: string;
}

export function credentialForms(
  { cameraId, keyVersion }: Pick<Camera, "cameraId" | "keyVersion">,
  motionApiUrl: string,
  masterSecret: string,
): CredentialForms {
  const { startUrl, stopUrl } = webhooksOf(motionApiUrl, cameraId);
  const token = deriveToken(masterSecret, cameraId, keyVersion);
  // Both consist of characters that need no escape in a URL.
  const basic = (url: string) => url.replace("://", `://${cameraId}:${token}@`);
  return {
    cameraId,
    keyVersion,
    webhookSecret: formatSecret(deriveKey(masterSecret, cameraId, keyVersion)),
    bearerToken: token,
    basicUser: cameraId,
    basicPassword: token,
    basicStartUrl: basic(startUrl),
    basicStopUrl: basic(stopUrl),
    tokenStartUrl: `${startUrl}?token=${token}`,
    tokenStopUrl: `${stopUrl}?token=${token}`,
  };
}

/** A shell command for each form that sends a motion start. */
interface CurlLines {
  readonly signature: string;
  readonly bearer: string;
  readonly basic: string;
  readonly query: string;
}

/** The commands need a POSIX shell and curl; the signature also needs openssl. */
export function curlLines(forms: CredentialForms, { startUrl }: CameraWebhooks): CurlLines {
  const { webhookSecret, bearerToken, basicUser, basicPassword, tokenStartUrl } = forms;
  const key = Buffer.from(webhookSecret.slice(webhookSecret.indexOf("_") + 1), "base64").toString("hex");
  const body = '{"motion":"start"}';
  const signed = `printf '%s.%s.${body}' "$id" "$ts" | openssl dgst -sha256 -mac HMAC -macopt hexkey:${key} -binary | openssl base64 -A`;
  return {
    signature:
      `ts=$(date +%s); id=msg_$ts$$; sig=$(${signed}); ` +
      `curl -H "webhook-id: $id" -H "webhook-timestamp: $ts" -H "webhook-signature: v1,$sig" -H 'content-type: application/json' -d '${body}' '${startUrl}'`,
    bearer: `curl -X POST -H 'authorization: Bearer ${bearerToken}' '${startUrl}'`,
    basic: `curl -X POST -u '${basicUser}:${basicPassword}' '${startUrl}'`,
    query: `curl '${tokenStartUrl}'`,
  };
}
