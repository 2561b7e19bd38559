/**
 * List prices of us-east-1, first tier only, without free tiers, taxes, discounts and transfer to the internet. They do
 * not come from the AWS Price List API; each names its source and how reliable it is.
 */
import type { Price, PriceName, PriceOverrides, Prices } from "../schemas/prices.ts";

const of = (
  usd: number,
  per: number,
  unit: string,
  standing: Price["standing"],
  source: string,
  alwaysFree?: number,
): Price => ({ usd, per, unit, source, standing, ...(alwaysFree !== undefined && { alwaysFree }) });

const FIREHOSE = "https://aws.amazon.com/firehose/pricing/";
const CLOUDWATCH = "https://aws.amazon.com/cloudwatch/pricing/";
const KINESIS_DATA = "https://aws.amazon.com/kinesis/data-streams/pricing/";
const KINESIS_VIDEO = "https://aws.amazon.com/kinesis/video-streams/pricing/";

export const listPrices: Prices = {
  asOf: "2026-11-20",
  region: "us-east-1",
  prices: {
    rekognitionStreamingMinute: of(
      0.00817,
      1,
      "minutes of video",
      "secondary",
      "https://aws.amazon.com/rekognition/pricing/",
    ),
    rekognitionFaceSearchMinute: of(
      0.12,
      1,
      "minutes of video",
      "unconfirmed",
      "https://aws.amazon.com/rekognition/pricing/",
    ),
    // The first million a month; further ones cost less.
    rekognitionImage: of(1, 1000, "images", "secondary", "https://aws.amazon.com/rekognition/pricing/"),
    // Another group of operations on the same page: those that search and store faces.
    rekognitionFaceImage: of(1, 1000, "images", "secondary", "https://aws.amazon.com/rekognition/pricing/"),
    kinesisVideoInGb: of(0.0085, 1, "GB", "documented", KINESIS_VIDEO),
    kinesisVideoOutGb: of(0.0085, 1, "GB", "documented", KINESIS_VIDEO),
    kinesisVideoStorageGbMonth: of(0.023, 1, "GB-months", "documented", KINESIS_VIDEO),
    // Up to 1080p; above, twice as much.
    kinesisVideoImage: of(10, 1_000_000, "images", "unconfirmed", KINESIS_VIDEO),
    // Of provisioned data streams.
    kinesisShardHour: of(0.015, 1, "shard hours", "secondary", KINESIS_DATA),
    kinesisPutUnit: of(0.014, 1_000_000, "records of 25 KB", "secondary", KINESIS_DATA),
    // The same page documents that each record is rounded up to the next 5 KB.
    firehoseIngestGb: of(0.029, 1, "GB", "secondary", FIREHOSE),
    firehoseConversionGb: of(0.018, 1, "GB", "secondary", FIREHOSE),
    firehosePartitioningGb: of(0.02, 1, "GB", "secondary", FIREHOSE),
    firehosePartitioningObject: of(0.005, 1000, "objects", "secondary", FIREHOSE),
    snsPublish: of(0.5, 1_000_000, "requests", "unconfirmed", "https://aws.amazon.com/sns/pricing/"),
    snsFirehoseDelivery: of(
      0.19,
      1_000_000,
      "deliveries",
      "unconfirmed",
      "https://aws.amazon.com/sns/pricing/",
    ),
    // SMS is priced by country: not estimated.
    snsEmailDelivery: of(2, 100_000, "e-mails", "secondary", "https://aws.amazon.com/sns/pricing/"),
    lambdaRequest: of(
      0.2,
      1_000_000,
      "requests",
      "secondary",
      "https://aws.amazon.com/lambda/pricing/",
      1_000_000,
    ),
    lambdaGbSecond: of(
      0.0000166667,
      1,
      "GB-seconds",
      "secondary",
      "https://aws.amazon.com/lambda/pricing/",
      400_000,
    ),
    httpApiRequest: of(1, 1_000_000, "requests", "secondary", "https://aws.amazon.com/api-gateway/pricing/"),
    dynamoDbWrite: of(
      0.625,
      1_000_000,
      "write units",
      "secondary",
      "https://aws.amazon.com/dynamodb/pricing/on-demand/",
    ),
    dynamoDbRead: of(
      0.125,
      1_000_000,
      "read units",
      "secondary",
      "https://aws.amazon.com/dynamodb/pricing/on-demand/",
    ),
    sqsRequest: of(
      0.4,
      1_000_000,
      "requests",
      "unconfirmed",
      "https://aws.amazon.com/sqs/pricing/",
      1_000_000,
    ),
    eventBridgeEvent: of(
      1,
      1_000_000,
      "events",
      "unconfirmed",
      "https://aws.amazon.com/eventbridge/pricing/",
    ),
    s3Put: of(0.005, 1000, "requests", "unconfirmed", "https://aws.amazon.com/s3/pricing/"),
    s3StorageGbMonth: of(0.023, 1, "GB-months", "unconfirmed", "https://aws.amazon.com/s3/pricing/"),
    athenaScannedTb: of(5, 1, "TB", "unconfirmed", "https://aws.amazon.com/athena/pricing/"),
    // What is always free is on the same page: documented.
    alarmMetric: of(0.1, 1, "metrics of alarms", "secondary", CLOUDWATCH, 10),
    customMetric: of(0.3, 1, "metrics", "secondary", CLOUDWATCH, 10),
    dashboard: of(3, 1, "dashboards", "secondary", CLOUDWATCH, 3),
    logsIngestedGb: of(0.5, 1, "GB", "secondary", CLOUDWATCH, 5),
    xrayTrace: of(5, 1_000_000, "traces", "unconfirmed", "https://aws.amazon.com/xray/pricing/", 100_000),
    secretMonth: of(0.4, 1, "secrets", "unconfirmed", "https://aws.amazon.com/secrets-manager/pricing/"),
    kmsKeyMonth: of(1, 1, "keys", "unconfirmed", "https://aws.amazon.com/kms/pricing/"),
    kmsRequest: of(0.03, 10_000, "requests", "unconfirmed", "https://aws.amazon.com/kms/pricing/", 20_000),
  },
};

/** Replaces some prices. A replacement keeps the fields that it does not set, except the source. */
export function withOverrides(prices: Prices, { asOf, region, prices: some }: PriceOverrides): Prices {
  const replaced = Object.entries(some).map(([name, override]) => {
    const before = prices.prices[name as PriceName];
    const given = Object.fromEntries(Object.entries(override).filter(([, value]) => value !== undefined));
    return [name, { ...before, source: "the file of prices", standing: "given", ...given } as Price];
  });
  return {
    asOf: asOf ?? prices.asOf,
    region: region ?? prices.region,
    prices: { ...prices.prices, ...Object.fromEntries(replaced) },
  };
}

/** The cost of `amount` units in a month in which nothing else of the account uses what is always free, US dollars. */
export const usdBeyondFree = (price: Price, amount: number): number =>
  usdOf(price, Math.max(0, amount - (price.alwaysFree ?? 0)));

/** The cost of `amount` units, US dollars. */
export const usdOf = (price: Price, amount: number): number => (amount * price.usd) / price.per;
