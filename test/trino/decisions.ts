import { decided } from "../queries/messages.ts";
import type { Message } from "../queries/lake.ts";

const DAY_MS = 86_400_000;

/**
 * Decisions about alerts of the two days before `todayMs`: one that arrived twice, one that was decided again as late, an
 * alert across midnight, and suppressed ones.
 */
export function decisions(todayMs: number): Message[] {
  const at = (day: number, time: string) => {
    const date = new Date(todayMs + day * DAY_MS).toISOString().slice(0, 10);
    return `${date}T${time}Z`;
  };
  const one = (
    event: string,
    [detectedAt, decidedAt, receivedAt]: readonly [string, string, string],
    outcome: Parameters<typeof decided>[1],
    { label = "PERSON", confidence }: { label?: "PERSON" | "PACKAGE"; confidence?: number } = {},
  ) =>
    decided(
      {
        of: [event, 0],
        camera: "stoop",
        session: `session-of-${event}`,
        label,
        ...(confidence !== undefined && { confidence }),
        at: detectedAt,
        decidedAt,
      },
      outcome,
      receivedAt,
    );
  const people = { ruleId: "people", severity: "info" } as const;
  const raised = { decision: "raised", reason: "first-detection", revision: 1, ...people } as const;
  const first = { ...raised, alertId: "stoop-1" };
  const morning = at(-1, "08:00:00.000");
  return [
    one("n1", [morning, at(-1, "08:00:01.500"), at(-1, "09:00:03.000")], first, { confidence: 91.5 }),
    one("n1", [morning, at(-1, "08:00:01.500"), at(-1, "08:00:03.000")], first, { confidence: 91.5 }),
    one("n1", [morning, at(-1, "10:00:00.000"), at(-1, "10:00:01.000")], {
      decision: "suppressed",
      reason: "late",
    }),
    one("n2", [at(-1, "08:02:00.000"), at(-1, "08:02:01.000"), at(-1, "08:02:02.000")], {
      decision: "suppressed",
      reason: "cooldown",
      ruleId: "people",
    }),
    one("n3", [at(-1, "09:30:00.000"), at(-1, "09:30:01.250"), at(-1, "09:30:02.000")], {
      decision: "suppressed",
      reason: "no-rule",
    }),
    one("n4", [at(-2, "23:59:50.000"), at(-2, "23:59:52.000"), at(-2, "23:59:54.000")], {
      ...raised,
      alertId: "stoop-2",
    }),
    one(
      "n5",
      [at(-1, "00:00:10.000"), at(-1, "00:00:11.000"), at(-1, "00:00:12.000")],
      {
        decision: "merged",
        reason: "new-label",
        ruleId: "parcels",
        severity: "critical",
        alertId: "stoop-2",
        revision: 2,
      },
      { label: "PACKAGE", confidence: 70 },
    ),
  ];
}
