import { formatTimestamp, parseTimestampPattern, type TimestampPattern } from "./timestamp-pattern.ts";

type Part =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "timestamp"; readonly pattern: TimestampPattern }
  | { readonly kind: "random-string" }
  | { readonly kind: "error-output-type" }
  | { readonly kind: "partition-key"; readonly key: string };

/** A parsed `Prefix` or `ErrorOutputPrefix`. */
export type Prefix = readonly Part[];

/** The reason why records are in the error output: the value of `!{firehose:error-output-type}`. */
export type ErrorOutputType = "processing-failed" | "format-conversion-failed" | "activePartitionExceeded";

/** The values of a prefix's expressions, for one object. */
interface PrefixValues {
  /** Arrival of the oldest record (documented: Firehose guide, "Custom prefixes for Amazon S3 objects"). */
  readonly oldestArrivalMs: number;
  readonly timeZone: string;
  /** 11 alphanumeric characters, new for every expression. */
  readonly randomString: () => string;
  readonly partitionKeys?: Readonly<Record<string, string>>;
  readonly errorOutputType?: ErrorOutputType;
}

/** Maximum length of a prefix after evaluation (observed). */
export const MAX_EVALUATED_PREFIX_LENGTH = 512;

const DEFAULT_TIMESTAMP: Prefix = [{ kind: "timestamp", pattern: parseTimestampPattern("yyyy/MM/dd/HH/") }];

/**
 * Parses text with expressions `!{namespace:value}`.
 * @throws Error that quotes an expression which AWS or the local cloud refuses
 */
export function parsePrefix(text: string): Prefix {
  const parts: Part[] = [];
  let at = 0;
  while (at < text.length) {
    const start = text.indexOf("!{", at);
    if (start !== at) parts.push({ kind: "literal", text: text.slice(at, start < 0 ? undefined : start) });
    if (start < 0) break;
    const end = text.indexOf("}", start);
    if (end < 0) throw new Error(`the expression ${text.slice(start)} has no closing brace`);
    parts.push(expression(text.slice(start + 2, end)));
    at = end + 1;
  }
  return parts;
}

function expression(source: string): Part {
  const colon = source.indexOf(":");
  const namespace = source.slice(0, Math.max(colon, 0));
  const value = source.slice(colon + 1);
  if (namespace === "timestamp" && value) return { kind: "timestamp", pattern: parseTimestampPattern(value) };
  if (namespace === "firehose" && (value === "random-string" || value === "error-output-type"))
    return { kind: value };
  if (namespace === "partitionKeyFromLambda" && value) return { kind: "partition-key", key: value };
  if (namespace === "partitionKeyFromQuery")
    throw new Error(
      `!{${source}} is not emulated: keys come from the Lambda processor, !{partitionKeyFromLambda:…}`,
    );
  throw new Error(
    `!{${source}} is not a prefix expression; expected timestamp, firehose:random-string, ` +
      "firehose:error-output-type or partitionKeyFromLambda",
  );
}

/** The text of a parsed prefix for one object. */
export function evaluatePrefix(prefix: Prefix, values: PrefixValues): string {
  return prefix
    .map((part) => {
      switch (part.kind) {
        case "literal":
          return part.text;
        case "timestamp":
          return formatTimestamp(part.pattern, values.oldestArrivalMs, values.timeZone);
        case "random-string":
          return values.randomString();
        case "error-output-type":
          return values.errorOutputType ?? "";
        case "partition-key":
          return values.partitionKeys?.[part.key] ?? "";
      }
    })
    .join("");
}

export const hasExpression = (prefix: Prefix): boolean => prefix.some(({ kind }) => kind !== "literal");

export const has = (prefix: Prefix, kind: Part["kind"]): boolean => prefix.some((part) => part.kind === kind);

/** The partition keys in a prefix, each once. */
export const partitionKeysOf = (prefix: Prefix): string[] => [
  ...new Set(prefix.flatMap((part) => (part.kind === "partition-key" ? [part.key] : []))),
];

/**
 * The prefix of data objects: `yyyy/MM/dd/HH/` is appended, without a slash between, only to a prefix without any
 * expression (observed; the guide says without a timestamp expression, but its example of dynamic partitioning shows
 * nothing appended).
 */
export const dataPrefix = (prefix: Prefix): Prefix =>
  hasExpression(prefix) ? prefix : [...prefix, ...DEFAULT_TIMESTAMP];

/**
 * The prefix of error objects. To one without expressions, `<error output type>/yyyy/MM/dd/HH/` is appended (documented
 * for an absent ErrorOutputPrefix, which starts from Prefix; unconfirmed for a literal one).
 */
export function errorPrefix(errorOutputPrefix: Prefix | undefined, prefix: Prefix): Prefix {
  const base = errorOutputPrefix ?? prefix;
  if (hasExpression(base)) return base;
  return [...base, { kind: "error-output-type" }, { kind: "literal", text: "/" }, ...DEFAULT_TIMESTAMP];
}

const OBJECT_TIME = parseTimestampPattern("yyyy-MM-dd-HH-mm-ss");

/** `<prefix><stream>-<version>-<yyyy-MM-dd-HH-mm-ss>-<uuid><extension>` (documented: "Amazon S3 object name"). */
export function objectKey(
  prefix: Prefix,
  values: PrefixValues,
  name: { streamName: string; version: number; uuid: string; extension: string },
): string {
  const time = formatTimestamp(OBJECT_TIME, values.oldestArrivalMs, values.timeZone);
  const { streamName, version, uuid, extension } = name;
  return `${evaluatePrefix(prefix, values)}${streamName}-${version}-${time}-${uuid}${extension}`;
}
