/** An event as rules and targets see it (documented: EventBridge, events). */
export interface BusEvent {
  readonly version: "0";
  readonly id: string;
  readonly "detail-type": string;
  readonly source: string;
  readonly account: string;
  /** ISO 8601 in UTC, whole seconds. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

/** One entry of PutEvents as received. */
export interface Entry {
  readonly Time?: number | undefined;
  readonly Source?: string | undefined;
  readonly Resources?: readonly string[] | undefined;
  readonly DetailType?: string | undefined;
  readonly Detail?: string | undefined;
  readonly EventBusName?: string | undefined;
}

/** Why an entry is refused, in the form of the response. */
export interface EntryError {
  readonly ErrorCode: string;
  readonly ErrorMessage: string;
}

const REQUIRED = ["Source", "DetailType", "Detail"] as const;
const TIME_BYTES = 14;

/** The size that counts against the limit of PutEvents (documented: Calculating PutEvents event entry size). */
export const entrySizeBytes = ({ Time, Source, DetailType, Detail, Resources = [] }: Entry): number =>
  (Time === undefined ? 0 : TIME_BYTES) +
  [Source, DetailType, Detail, ...Resources].reduce((sum, text) => sum + Buffer.byteLength(text ?? ""), 0);

/** Texts of the errors are observed (moto); their codes are documented (PutEventsResultEntry). */
export function entryError(entry: Entry): EntryError | undefined {
  const missing = REQUIRED.find((name) => !entry[name]);
  if (missing)
    return {
      ErrorCode: "InvalidArgument",
      ErrorMessage: `Parameter ${missing} is not valid. Reason: ${missing} is a required argument.`,
    };
  if (entry.Source!.startsWith("aws."))
    return {
      ErrorCode: "NotAuthorizedForSourceException",
      ErrorMessage: "Not authorized for the source.",
    };
  return isObject(entry.Detail!)
    ? undefined
    : { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." };
}

/** The event of an entry without error. */
export const eventOf = (
  entry: Entry,
  { id, account, region, nowMs }: { id: string; account: string; region: string; nowMs: number },
): BusEvent => ({
  version: "0",
  id,
  "detail-type": entry.DetailType!,
  source: entry.Source!,
  account,
  time: wholeSeconds(entry.Time === undefined ? nowMs : entry.Time * 1000),
  region,
  resources: entry.Resources ?? [],
  detail: JSON.parse(entry.Detail!) as unknown,
});

/** The event of a rule that runs on a schedule (documented: EventBridge, scheduled events). */
export const scheduledEvent = (
  ruleArn: string,
  { id, account, region, nowMs }: { id: string; account: string; region: string; nowMs: number },
): BusEvent => ({
  version: "0",
  id,
  "detail-type": "Scheduled Event",
  source: "aws.events",
  account,
  time: wholeSeconds(nowMs),
  region,
  resources: [ruleArn],
  detail: {},
});

const wholeSeconds = (epochMs: number): string =>
  new Date(Math.floor(epochMs / 1000) * 1000).toISOString().replace(".000Z", "Z");

function isObject(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
