import * as v from "valibot";
import type { Clock } from "../../base/clock.ts";
import { TokenBucket } from "../../base/token-bucket.ts";
import { number, parseProperties } from "../template/properties.ts";

/** How many requests a route allows: per second in the long run, and at once. */
interface Limits {
  readonly ThrottlingRateLimit?: number | undefined;
  readonly ThrottlingBurstLimit?: number | undefined;
}

const limit = v.optional(v.pipe(number, v.minValue(0)));
const limits = v.strictObject({
  ThrottlingRateLimit: limit,
  ThrottlingBurstLimit: limit,
  DetailedMetricsEnabled: v.optional(v.unknown()),
});
const stageSettings = v.object({
  DefaultRouteSettings: v.optional(limits, {}),
  RouteSettings: v.optional(v.record(v.string(), limits), {}),
});

/**
 * The throttling settings of a stage, as a token bucket for each route (documented: AGW http-api-throttling; there
 * they are best-effort targets, here they are exact). A route's own settings replace the default ones.
 */
export class Throttling {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, TokenBucket>();
  #settings: v.InferOutput<typeof stageSettings> = { DefaultRouteSettings: {}, RouteSettings: {} };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws OperatorError for a route setting that is not emulated */
  configure(properties: Readonly<Record<string, unknown>>): void {
    this.#settings = parseProperties(stageSettings, properties);
  }

  /** Whether the route allows one more request now; if not, the response is 429. */
  allows(routeKey: string): boolean {
    const { ThrottlingRateLimit: perSecond, ThrottlingBurstLimit: burst } = this.#limitsOf(routeKey);
    if (perSecond === undefined || burst === undefined) return true;
    const nowMs = this.#clock.now();
    const bucket = this.#buckets.get(routeKey) ?? new TokenBucket(perSecond, nowMs, burst);
    this.#buckets.set(routeKey, bucket);
    if (burst < 1 || !bucket.has(1, nowMs)) return false;
    bucket.take(1, nowMs);
    return true;
  }

  #limitsOf(routeKey: string): Limits {
    return this.#settings.RouteSettings[routeKey] ?? this.#settings.DefaultRouteSettings;
  }
}
