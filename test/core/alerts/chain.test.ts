import { describe, expect, test } from "@jest/globals";
import { chainOf } from "../../../core/alerts/chain.ts";
import type { Alert } from "../../../schemas/alert-record.ts";
import { sessionOf } from "./support.ts";

const alertOf = (chainStartMs: number, lastDetectedAtMs: number, chainEndMs?: number): Alert => ({
  alertId: `front-door-${chainStartMs}`,
  chainStartMs,
  raisedAtMs: lastDetectedAtMs,
  lastDetectedAtMs,
  lastDecidedAtMs: lastDetectedAtMs,
  ...(chainEndMs !== undefined && { chainEndMs }),
  severity: "info",
  labels: [],
  ruleIds: [],
  revision: 1,
  urgentRevision: 1,
  publishedRevision: 0,
});
const chain = (
  detected: { sessionId?: string; sessionStartedAtMs?: number; detectedAtMs: number },
  session?: ReturnType<typeof sessionOf>,
  ...alerts: Alert[]
) => chainOf({ sessionId: "session-1", sessionStartedAtMs: null, ...detected }, session, { alerts });

describe("a detection belongs to", () => {
  test("the chain of the camera's session if that is its session", () => {
    expect(chain({ detectedAtMs: 5000 }, sessionOf(1000, "session-1", 4000))).toEqual({
      startMs: 1000,
      isPast: false,
    });
  });

  test("that chain too if an earlier session of it detected it", () => {
    expect(chain({ sessionId: "session-0", detectedAtMs: 2000 }, sessionOf(1000, "session-1", 4000))).toEqual(
      {
        startMs: 1000,
        isPast: false,
      },
    );
  });

  test("the chain of an alert, also after the record has moved its begin to where the video begins", () => {
    expect(chain({ detectedAtMs: 6000 }, sessionOf(3000), alertOf(1000, 5000))).toEqual({
      startMs: 1000,
      isPast: false,
    });
    expect(chain({ sessionId: "session-0", detectedAtMs: 4000 }, sessionOf(3000))).toMatchObject({
      startMs: 3000,
    });
  });

  test("a new chain if it began after the last detection of the alert before", () => {
    expect(chain({ detectedAtMs: 9000 }, sessionOf(8000), alertOf(1000, 5000))).toEqual({
      startMs: 8000,
      isPast: false,
    });
  });

  test("an earlier chain that has an alert, if it comes late", () => {
    const late = { sessionId: "session-0", sessionStartedAtMs: 4000, detectedAtMs: 5000 };
    expect(chain(late, sessionOf(8000), alertOf(1000, 2000, 7000))).toEqual({ startMs: 1000, isPast: true });
    expect(chain(late, sessionOf(8000), alertOf(1000, 2000), alertOf(8000, 8500))).toEqual({
      startMs: 1000,
      isPast: true,
    });
  });

  test("a chain of its own, if it comes late and the alert before was of a chain that had ended", () => {
    const late = { sessionId: "session-0", sessionStartedAtMs: 4000, detectedAtMs: 5000 };
    expect(chain(late, sessionOf(8000), alertOf(1000, 2000, 3000))).toEqual({ startMs: 4000, isPast: true });
  });

  test("a chain that begins with its session, or with itself, if nothing is known", () => {
    expect(chain({ sessionStartedAtMs: 4000, detectedAtMs: 5000 })).toEqual({ startMs: 4000, isPast: false });
    expect(chain({ detectedAtMs: 5000 })).toEqual({ startMs: 5000, isPast: false });
  });
});
