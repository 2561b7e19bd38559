import type { Prices } from "../schemas/prices.ts";

/** Minimum that Athena bills for a query that scans data (unconfirmed: Athena pricing page). */
const MIN_BILLED_BYTES = 10_000_000;
const BYTES_PER_TB = 1e12;

/** The cost of a query, US dollars. */
export function queryCostUsd(scannedBytes: number, { prices }: Prices): number {
  const { usd, per } = prices.athenaScannedTb;
  const billedBytes = scannedBytes === 0 ? 0 : Math.max(MIN_BILLED_BYTES, scannedBytes);
  return (billedBytes / BYTES_PER_TB / per) * usd;
}
