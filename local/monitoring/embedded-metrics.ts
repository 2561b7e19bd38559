import * as v from "valibot";
import type { Point } from "./state.ts";

/** Dimensions of a set, and values of a metric (documented: CloudWatch user guide, "Embedded metric format"). */
const MAX_DIMENSIONS = 30;
const MAX_VALUES = 100;

const directive = v.object({
  Namespace: v.string(),
  Dimensions: v.array(v.pipe(v.array(v.string()), v.maxLength(MAX_DIMENSIONS))),
  Metrics: v.array(v.object({ Name: v.string(), Unit: v.optional(v.string(), "None") })),
});
const line = v.looseObject({
  _aws: v.object({ Timestamp: v.number(), CloudWatchMetrics: v.array(directive) }),
});
const numbers = v.union([
  v.pipe(
    v.number(),
    v.transform((one) => [one]),
  ),
  v.pipe(v.array(v.number()), v.maxLength(MAX_VALUES)),
]);

/**
 * The values that a log line in CloudWatch's embedded metric format contains; none for any other line. A metric or
 * dimension set without its values in the line is left out, as CloudWatch does.
 */
export function embeddedMetrics(text: string): Point[] {
  if (!text.startsWith("{") || !text.includes('"_aws"')) return [];
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return [];
  }
  const parsed = v.safeParse(line, document);
  if (!parsed.success) return [];
  const { _aws, ...values } = parsed.output;
  return _aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) => {
      const dimensions = Object.fromEntries(names.map((name) => [name, values[name]]));
      if (!v.is(v.record(v.string(), v.string()), dimensions)) return [];
      return Metrics.flatMap(({ Name, Unit }) => {
        const given = v.safeParse(numbers, values[Name]);
        if (!given.success) return [];
        return given.output.map((value) => ({
          namespace: Namespace,
          name: Name,
          dimensions,
          unit: Unit,
          value,
          atMs: _aws.Timestamp,
        }));
      });
    }),
  );
}
