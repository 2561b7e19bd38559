import type { PriceName, Prices } from "../schemas/prices.ts";
import { listPrices, usdOf } from "./prices.ts";

/** Assumed amounts of one request that the motion API refuses for its credential. */
export const REFUSED_REQUEST = {
  requestMs: 10,
  functionGb: 0.5,
  /** The access log's line and the function's. */
  logKb: 1.5,
  /** A credential that looks like one is compared with the camera's record. */
  reads: 1,
  /** What X-Ray records of many requests a second (documented: X-Ray, default sampling rule). */
  tracedShare: 0.05,
} as const;

/** What anyone who knows the API's address can make the account pay with requests that are refused, US dollars an hour. */
export function refusedRequestsUsdPerHour(
  requestsPerSecond: number,
  { prices }: Prices = listPrices,
): number {
  const { requestMs, functionGb, logKb, reads, tracedShare } = REFUSED_REQUEST;
  const requests = requestsPerSecond * 3600;
  const perRequest: Partial<Record<PriceName, number>> = {
    httpApiRequest: 1,
    lambdaRequest: 1,
    lambdaGbSecond: (requestMs * functionGb) / 1000,
    logsIngestedGb: logKb / 1e6,
    dynamoDbRead: reads,
    xrayTrace: tracedShare,
  };
  return Object.entries(perRequest).reduce(
    (sum, [name, amount]) => sum + usdOf(prices[name as PriceName], requests * amount),
    0,
  );
}
