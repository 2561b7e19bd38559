import { SERVICE } from "../schemas/observability/log-fields.ts";
import {
  METRIC_DIMENSION,
  METRIC_NAMESPACE,
  METRICS,
  type MetricName,
} from "../schemas/observability/metrics.ts";
import type { AlertDecision } from "../schemas/alert-decision.ts";
import type { Face } from "../schemas/face.ts";
import type { SessionBusEvent } from "../schemas/bus-event.ts";

/** Documented (CloudWatch user guide, "Specification: Embedded metric format"): values of one metric in a line. */
export const MAX_METRIC_VALUES = 100;

/** A metric's value, or several values, at most {@link MAX_METRIC_VALUES}. */
export type MetricValues = { readonly [Name in MetricName]?: number | readonly number[] | undefined };

/**
 * One log line in CloudWatch's embedded metric format, from which CloudWatch Logs extracts the metrics (documented:
 * CloudWatch user guide, "Specification: Embedded metric format"). A metric without values is left out.
 * @param fields the stack's name, and more fields of the line
 * @returns undefined if no metric has a value
 */
export function emfLine(
  values: MetricValues,
  fields: Readonly<Record<string, string>> & { readonly [METRIC_DIMENSION]: string },
  nowMs: number,
): string | undefined {
  const given = Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && (value as number[]).length !== 0),
  );
  const names = Object.keys(given) as MetricName[];
  if (names.length === 0) return undefined;
  return JSON.stringify({
    _aws: {
      Timestamp: nowMs,
      CloudWatchMetrics: names.map((name) => ({
        Namespace: METRIC_NAMESPACE,
        Dimensions: [[METRIC_DIMENSION]],
        Metrics: [{ Name: name, Unit: METRICS[name].unit }],
      })),
    },
    service: SERVICE,
    ...fields,
    ...given,
  });
}

const countedBy = <Key extends string>(
  names: Readonly<Partial<Record<Key, MetricName>>>,
  keys: readonly Key[],
): MetricValues => {
  const counts: { [Name in MetricName]?: number } = {};
  for (const key of keys) {
    const name = names[key];
    if (name) counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
};

const BY_EVENT = {
  SessionStarted: "SessionsStarted",
  SessionEnded: "SessionsCompleted",
  SessionFailed: "SessionsFailed",
  BudgetExhausted: "BudgetsExhausted",
} as const satisfies Record<SessionBusEvent["type"], MetricName>;

/** The metrics of events that were published. */
export const sessionMetrics = (published: readonly Pick<SessionBusEvent, "type">[]): MetricValues =>
  countedBy(
    BY_EVENT,
    published.map(({ type }) => type),
  );

/** The metrics of decisions that were entered into the lake. */
export const alertMetrics = (entered: readonly Pick<AlertDecision, "decision">[]): MetricValues =>
  countedBy(
    { raised: "AlertsRaised", suppressed: "AlertsSuppressed" },
    entered.map(({ decision }) => decision),
  );

/** The metrics of an image whose faces were searched. */
export function faceMetrics({
  searched,
  notSearched,
  faces,
}: {
  readonly searched: number;
  readonly notSearched: readonly { readonly persons: number }[];
  readonly faces: readonly Pick<Face, "personId" | "unsearchedReason">[];
}): MetricValues {
  const ofPersons = faces.filter(({ personId }) => personId !== undefined);
  const unsearched = faces.filter(({ unsearchedReason }) => unsearchedReason !== undefined);
  return {
    FacesSearched: searched || undefined,
    FacesNotSearched: notSearched.reduce((sum, { persons }) => sum + persons, 0) || undefined,
    FacesFound: faces.length || undefined,
    FacesRecognised: ofPersons.length || undefined,
    FacesUnknown: faces.length - ofPersons.length - unsearched.length || undefined,
  };
}
