/** A response of the motion API. */
export interface MotionResponse {
  readonly status: number;
  /** JSON: a session, or problem details. */
  readonly body: Readonly<Record<string, unknown>>;
  /** How long to wait before the request is sent again, where the response says so. */
  readonly retryAfterMs: number | undefined;
}

const TIMEOUT_MS = 60_000;

/**
 * Sends a camera's motion webhook.
 * @param signedHeaders the headers that authenticate the camera
 * @throws Error when there is no response
 */
export async function sendMotion(
  motionApiUrl: string,
  { cameraId, verb, body }: { cameraId: string; verb: "start" | "stop"; body: string },
  signedHeaders: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<MotionResponse> {
  const url = `${motionApiUrl}/cameras/${cameraId}/motion/${verb}`;
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...signedHeaders },
    body,
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
  }).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw new Error(`no response from ${url}: ${reasonOf(error)}`, { cause: error });
  });
  const text = await response.text();
  const retryAfter = Number(response.headers.get("retry-after") ?? Number.NaN);
  return {
    status: response.status,
    body: parse(text),
    retryAfterMs: Number.isFinite(retryAfter) ? retryAfter * 1000 : undefined,
  };
}

/** Node's message is "fetch failed"; the reason is in the cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message || String((cause as { code?: string }).code) : message;
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { detail: text.slice(0, 200) };
  }
}
