import { createHash } from "node:crypto";
import { randomId } from "../../base/random.ts";

/**
 * How often one chain of requests may invoke the same function before Lambda stops it (documented: Lambda guide, "Use
 * Lambda recursive loop detection": about 16; announcement of July 2023: "after exceeding 16 invocations").
 */
export const MAX_CHAIN_INVOCATIONS = 16;

const HASH_LENGTH = 8;
/** Functions of one chain that the header keeps; the one invoked longest ago is dropped. */
const MAX_FUNCTIONS = 16;

/**
 * Invocations of each function in a chain, by the function's hash: the field `Lineage` of X-Ray's trace header
 * (documented: X-Ray guide, "Tracing header", `Lineage=a87bd80c:1|68fd508a:5`). A field that is not of this form counts
 * as none.
 */
export function readLineage(traceHeader: string | undefined): Map<string, number> {
  const [, text = ""] = /(?:^|;)\s*Lineage=([^;]*)/i.exec(traceHeader ?? "") ?? [];
  const entries = text.split("|").map((entry) => /^([0-9a-f]{8}):(\d{1,5})$/.exec(entry));
  return new Map(entries.flatMap((entry) => (entry ? [[entry[1]!, Number(entry[2])] as const] : [])));
}

const hashOf = (functionArn: string): string =>
  createHash("sha256").update(functionArn).digest("hex").slice(0, HASH_LENGTH);

/** How often the chain that the header belongs to has invoked the function. */
export const invocationsOf = (traceHeader: string | undefined, functionArn: string): number =>
  readLineage(traceHeader).get(hashOf(functionArn)) ?? 0;

/** Of a batch's headers, that of the chain that has invoked the function most often: a batch has one (unconfirmed: which). */
export const longestChain = (
  traceHeaders: readonly (string | undefined)[],
  functionArn: string,
): string | undefined =>
  traceHeaders.toSorted((a, b) => invocationsOf(b, functionArn) - invocationsOf(a, functionArn))[0];

/**
 * The trace header of the function's next invocation in the chain, which the SDK sends with the function's calls
 * (`_X_AMZN_TRACE_ID`).
 * @param traceHeader the header that came with the event; undefined when a new chain begins
 */
export function nextTraceHeader(traceHeader: string | undefined, functionArn: string): string {
  const [, root = newRoot()] = /(?:^|;)\s*Root=([^;]+)/i.exec(traceHeader ?? "") ?? [];
  const lineage = readLineage(traceHeader);
  const hash = hashOf(functionArn);
  const invocations = (lineage.get(hash) ?? 0) + 1;
  lineage.delete(hash);
  lineage.set(hash, invocations);
  const entries = [...lineage].slice(-MAX_FUNCTIONS).map(([name, count]) => `${name}:${count}`);
  return `Root=${root};Parent=${hex(16)};Sampled=0;Lineage=${entries.join("|")}`;
}

const hex = (length: number): string => randomId().replaceAll("-", "").slice(0, length);

/** Documented (X-Ray guide, "Tracing header"): a version, eight digits of a time and 24 more. */
const newRoot = (): string => `1-${hex(8)}-${hex(24)}`;
