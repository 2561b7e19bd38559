import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import type { ClientConfig } from "../../local/cloud.ts";
import type { TestCloud } from "./cloud.ts";

/** The SDK's signer, for the account owner or with other credentials. */
export const signerFor = (
  service: string,
  credentials: ClientConfig["credentials"] = { accessKeyId: "owner", secretAccessKey: "owner" },
) =>
  new SignatureV4({
    service,
    region: "us-east-1",
    credentials,
    sha256: Sha256,
    uriEscapePath: service !== "s3",
  });

/** The endpoint in the form that the signer expects. */
export const addressed = (local: TestCloud) => {
  const { hostname, host } = new URL(local.endpoint);
  return { protocol: "http:", hostname, headers: { host } };
};

/** Signs a call, and sends it with headers or a body that may differ from the signed ones. */
export async function send(
  local: TestCloud,
  service: string,
  method: string,
  path: string,
  body: string,
  sent: { headers?: Record<string, string>; body?: string; signedAtMs?: number } = {},
): Promise<{ status: number; text: string }> {
  const { headers, ...where } = addressed(local);
  const signed = await signerFor(service).sign(
    { ...where, method, path, headers, body },
    { signingDate: new Date(sent.signedAtMs ?? Date.now()) },
  );
  const { host: _host, ...others } = signed.headers;
  const response = await fetch(local.endpoint + path, {
    method,
    headers: { ...others, ...sent.headers },
    body: sent.body ?? body,
  });
  return { status: response.status, text: await response.text() };
}
