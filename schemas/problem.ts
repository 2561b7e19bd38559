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

export type ProblemType = keyof typeof PROBLEMS;

/** Every refusal of the links in alerts. */
export const LINK_PROBLEMS = {
  "unknown-link": { status: 404, title: "There is no such link" },
  "expired-link": { status: 410, title: "The link has expired" },
  "picture-gone": { status: 404, title: "The picture is gone" },
  "invalid-snooze": { status: 422, title: "The snooze is invalid" },
} as const satisfies Record<string, { status: number; title: string }>;

export type LinkProblemType = keyof typeof LINK_PROBLEMS;
