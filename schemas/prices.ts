import * as v from "valibot";

/**
 * How well a price is known. `documented`: on AWS's own page; `secondary`: from another source; `unconfirmed`: an older
 * price; `given`: by the caller.
 */
const standing = v.picklist(["documented", "secondary", "unconfirmed", "given"]);

const amount = (min: number) =>
  v.pipe(v.number("expected a number"), v.finite("expected a finite number"), v.minValue(min));

/** `usd` for `per` of `unit`: 0.2 for 1,000,000 requests. */
const price = v.strictObject({
  usd: amount(0),
  per: v.pipe(amount(0), v.gtValue(0, "expected more than 0")),
  unit: v.string(),
  /** The page with the price. */
  source: v.string(),
  standing,
  /** Units of each month that an account never pays, for as long as it exists. */
  alwaysFree: v.optional(amount(0)),
});

export type Price = v.InferOutput<typeof price>;

/** Every price that the estimates use. */
export const PRICE_NAMES = [
  "rekognitionStreamingMinute",
  "rekognitionFaceSearchMinute",
  "rekognitionImage",
  "rekognitionFaceImage",
  "kinesisVideoInGb",
  "kinesisVideoOutGb",
  "kinesisVideoStorageGbMonth",
  "kinesisVideoImage",
  "kinesisShardHour",
  "kinesisPutUnit",
  "firehoseIngestGb",
  "firehoseConversionGb",
  "firehosePartitioningGb",
  "firehosePartitioningObject",
  "snsPublish",
  "snsFirehoseDelivery",
  "snsEmailDelivery",
  "lambdaRequest",
  "lambdaGbSecond",
  "httpApiRequest",
  "dynamoDbWrite",
  "dynamoDbRead",
  "sqsRequest",
  "eventBridgeEvent",
  "s3Put",
  "s3StorageGbMonth",
  "athenaScannedTb",
  "alarmMetric",
  "customMetric",
  "dashboard",
  "logsIngestedGb",
  "xrayTrace",
  "secretMonth",
  "kmsKeyMonth",
  "kmsRequest",
] as const;

export type PriceName = (typeof PRICE_NAMES)[number];

/** List prices of one Region on one day. */
export interface Prices {
  /** `yyyy-MM-dd` */
  readonly asOf: string;
  readonly region: string;
  readonly prices: Readonly<Record<PriceName, Price>>;
}

/** A file that replaces some prices, or all; the unit of each stays. */
export const priceOverrides = v.strictObject({
  asOf: v.optional(v.pipe(v.string(), v.isoDate("expected a date, yyyy-MM-dd"))),
  region: v.optional(v.string()),
  prices: v.optional(
    v.record(
      v.picklist(PRICE_NAMES, "no price of that name"),
      v.strictObject({
        usd: price.entries.usd,
        per: v.optional(price.entries.per),
        unit: v.optional(v.string()),
        source: v.optional(v.string()),
        standing: v.optional(standing),
        alwaysFree: price.entries.alwaysFree,
      }),
    ),
    {},
  ),
});

export type PriceOverrides = v.InferOutput<typeof priceOverrides>;
