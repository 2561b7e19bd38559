import { analysisCostUsd } from "../../analysis/cost.ts";
import { MINUTE_MS } from "../../base/durations.ts";
import { sampleShareMs } from "../../core/sampling/gaps.ts";
import type { Camera } from "../../schemas/camera.ts";

/** The settings on which the price of a budget's minute depends. */
export type Priced = Pick<Camera, "engine" | "maxDurationSeconds" | "maxSampleGapSeconds">;

/** The settings of a budget. */
export type Budget = Pick<Camera, "dailyBudgetMinutes" | "dailyBudgetUsd">;

/** No budget is longer than a day. */
const DAY_MINUTES = 1440;

/** The list price of a minute of the camera's budget, US dollars: `frames` spends it by the sample. */
export const usdPerBudgetMinute = (camera: Priced): number =>
  analysisCostUsd(camera.engine, { analysedMs: MINUTE_MS, samples: MINUTE_MS / sampleShareMs(camera) });

/** The minutes that the dollars buy, rounded down to hundredths. */
const minutesFor = (usd: number, camera: Priced): number =>
  Math.min(DAY_MINUTES, Math.floor((usd / usdPerBudgetMinute(camera)) * 100 + 1e-6) / 100);

/**
 * Completes the given settings by what follows for the budget: dollars set the minutes, and set them again when the engine
 * or its density changes; minutes replace dollars.
 * @param camera its settings as they are without the given ones
 * @returns the given settings; a field that is present but undefined is to be removed
 */
export function withBudget<T extends Partial<Budget & Priced>>(
  given: T,
  camera: Priced & Budget,
): T & Partial<Budget> {
  const areMinutesGiven = "dailyBudgetMinutes" in given;
  const isUsdGiven = "dailyBudgetUsd" in given;
  if (areMinutesGiven)
    return camera.dailyBudgetUsd === undefined ? given : { ...given, dailyBudgetUsd: undefined };
  const { dailyBudgetUsd, ...priced } = { ...camera, ...given };
  if (dailyBudgetUsd !== undefined)
    return { ...given, dailyBudgetMinutes: minutesFor(dailyBudgetUsd, priced) };
  return isUsdGiven ? { ...given, dailyBudgetMinutes: undefined } : given;
}

/** A new camera, with the minutes of its budget in dollars. */
export const withBudgetMinutes = (camera: Camera): Camera => ({ ...camera, ...withBudget({}, camera) });

/** A camera's budget, for people. */
export function budgetText(camera: Priced & Budget): string {
  const { dailyBudgetMinutes, dailyBudgetUsd } = camera;
  if (dailyBudgetMinutes === undefined) return "no limit";
  const minutes = `${dailyBudgetMinutes} minutes`;
  if (dailyBudgetUsd !== undefined) return `$${dailyBudgetUsd} a day: ${minutes} of ${camera.engine}`;
  return `${minutes} a day, about $${(dailyBudgetMinutes * usdPerBudgetMinute(camera)).toFixed(2)}`;
}
