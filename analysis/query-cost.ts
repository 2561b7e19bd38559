import type { Prices } from "../schemas/prices.ts";

/** What a query is charged for at least (unconfirmed: Athena pricing page), but not one that scans nothing. */
const MIN_BILLED_BYTES = 10_000_000;
const BYTES_PER_TB = 1e12;

/** What a query costs at list price, US dollars. */
export function queryCostUsd(scannedBytes: number, { prices }: Prices): number {
  const { usd, per } = prices.athenaScannedTb;
  const billedBytes = scannedBytes === 0 ? 0 : Math.max(MIN_BILLED_BYTES, scannedBytes);
  return (billedBytes / BYTES_PER_TB / per) * usd;
}
