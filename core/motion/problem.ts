/** Every refusal of the motion API: its HTTP status and title. The keys are stable, clients may rely on them. */
export const PROBLEMS = {
  unauthorized: { status: 401, title: "The request does not prove that it is the camera's" },
  "unknown-camera": { status: 404, title: "No such camera" },
  "not-json": { status: 400, title: "The body is not JSON" },
  "body-too-large": { status: 413, title: "The body is too large" },
  "wrong-format": { status: 422, title: "The body is not of the camera's motion format" },
  "invalid-motion": { status: 422, title: "The motion request is invalid" },
  "too-many-requests": { status: 429, title: "The camera sends too many requests" },
  "start-refused": { status: 503, title: "The session could not be started yet" },
  internal: { status: 500, title: "Something went wrong here" },
} as const satisfies Record<string, { status: number; title: string }>;

type ProblemType = keyof typeof PROBLEMS;

/** A refusal that is returned as problem details (RFC 9457). */
export class Problem extends Error {
  readonly type: ProblemType;
  /** When another attempt makes sense, whole seconds. */
  readonly retryAfterSeconds: number | undefined;

  constructor(type: ProblemType, detail: string, retryAfterSeconds?: number) {
    super(detail);
    this.name = "Problem";
    this.type = type;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The same for every reason, so that it does not reveal how far a forged credential came. */
export const unauthorized = (): Problem =>
  new Problem(
    "unauthorized",
    "prove the request with this camera's credential: a Standard Webhooks signature with a fresh timestamp and an id not used before, or its token",
  );

/** The JSON body of a problem: `type` is a relative reference that never changes its meaning. */
export function problemDetails({ type, message }: Problem) {
  const { status, title } = PROBLEMS[type];
  return { type: `/problems/${type}`, title, status, detail: message };
}
