import { readFile } from "node:fs/promises";
import * as v from "valibot";
import {
  DAYS_PER_MONTH,
  FLEET_DEFAULTS,
  fleetCost,
  totalUsd,
  unstoppedFaceSearchUsd,
  type CostLine,
  type Fleet,
} from "../../analysis/cost.ts";
import { idleCost, type IdleLine } from "../../analysis/idle.ts";
import { listPrices, withOverrides } from "../../analysis/prices.ts";
import { ENGINES, type EngineName } from "../../schemas/engine.ts";
import { priceOverrides, type Prices } from "../../schemas/prices.ts";
import { explainIssue } from "../../schemas/reason.ts";
import { defineCommand, UsageError } from "../command.ts";
import type { Console } from "../console.ts";
import { readNumberFlag } from "../number.ts";
import { textTable } from "../table.ts";

const {
  sessionSeconds,
  labelsPerMotion,
  video,
  megabitsPerSecond,
  retentionDays,
  queriesPerDay,
  maxSampleGapSeconds,
  personsPerImage,
  alertsPerDay,
  alertsBy,
} = FLEET_DEFAULTS;

const number = (about: string, value: number) =>
  ({ type: "string", value: "<n>", default: String(value), about }) as const;

const FLAGS = {
  cameras: number("number of cameras", 100),
  "motions-per-day": number("motions per camera and day", 30),
  seconds: number("length of a motion, all of which is analysed", 20),
  engine: { type: "string", value: ENGINES.join("|"), about: "estimate this engine only" },
  "session-seconds": number("video that one session analyses, 1 to 120 s", sessionSeconds),
  "labels-per-motion": number("detections per motion, on average", labelsPerMotion),
  video: { type: "string", value: "motion|always", default: video, about: "when video is uploaded" },
  mbps: number("megabits of video per second", megabitsPerSecond),
  "retention-days": number("how long Kinesis Video stores it", retentionDays),
  "queries-per-day": number("Athena queries per day", queriesPerDay),
  "max-sample-gap": number("engine frames: longest time between samples, 1 to 60 s", maxSampleGapSeconds),
  "detected-after": {
    type: "string",
    value: "<seconds>",
    about:
      "engine frames: seconds of a motion after which all labels are detected and sampling stops; none by default",
  },
  "persons-per-image": number(
    "faces: persons in an analysed image on average, e.g. 0.5; 0 without faces",
    personsPerImage,
  ),
  "alerts-per-day": number("alerts per camera and day, each for one target", alertsPerDay),
  "alerts-by": { type: "string", value: "webhook|email", default: alertsBy, about: "how alerts are sent" },
  "own-key": { type: "boolean", about: "the stack has a key of your own, kmsKeyArn" },
  prices: { type: "string", value: "<file.json>", about: "prices that replace list prices" },
} as const;

const NOTES = `A month has ${DAYS_PER_MONTH} days. Prices are AWS list prices of ${listPrices.region} as of ${listPrices.asOf}, first tier only, without free tiers,
taxes, discounts and transfer to the internet, and without the uploader's instance. The engine frames is priced as it
samples: at 0, 1, 3 and 7 s of a session, then with gaps that double up to --max-sample-gap. By default nothing is detected, so
that every session samples to its end; --detected-after ends it earlier. From the second million images a month, DetectLabels
costs less. Every detection is decided, whether or not it raises an alert; the lines of alerts have both. SMS costs by country, and
is left out, as are links that are opened and messages that are sent again. With faces, the engine
frames searches each person of an image by a call, and samples to each session's end; face-search is billed while its processor
runs, and has a data stream per camera. Steps that are repeated, calls that are throttled and requests for images that are not there yet are left out.
The idle part is what the stack costs without
any camera; beside it is what stays of it where nothing else of the account uses what AWS never bills (ten metrics of
alarms, three dashboards, a million requests to SQS, …). Calls no AWS API. A price file replaces the prices that it names:
  {"asOf": "2027-01-31", "region": "eu-west-1", "prices": {"rekognitionStreamingMinute": {"usd": 0.009}}}
--json includes every price with its name, unit and source.`;

export const cost = defineCommand({
  name: "cost",
  about: "Estimate the monthly AWS cost of a fleet",
  operands: [],
  flags: FLAGS,
  notes: NOTES,
  async run({ flags, console }) {
    const fleet = readFleet(flags);
    const engines = ENGINES.filter((engine) => engine === (flags.engine ?? engine));
    if (engines.length === 0)
      throw new UsageError(`--engine is ${flags.engine}; expected ${ENGINES.join(" or ")}`);
    const prices = await readPrices(flags.prices);
    const bills = engines.map((engine) => ({ engine, lines: fleetCost(engine, fleet, prices) }));
    const idle = idleCost(prices, { ownKey: flags["own-key"] });
    for (const line of costLines(fleet, bills, idle, prices, console)) console.say(line);
    console.result({
      fleet,
      idle: { usdPerMonth: totalUsd(idle), usdPerMonthBeyondFree: beyondFree(idle), lines: idle },
      engines: bills.map(({ engine, lines }) => ({
        engine,
        usdPerMonth: totalUsd(lines) + totalUsd(idle),
        lines,
      })),
      ...prices,
    });
  },
});

type Given = Readonly<
  Record<Exclude<keyof typeof FLAGS, "engine" | "prices" | "own-key" | "detected-after">, string>
> & {
  readonly "detected-after"?: string | undefined;
};

function readFleet(flags: Given): Fleet {
  const read = (name: keyof Given, least: number, most: number, fractions?: true) =>
    readNumberFlag(`--${name}`, flags[name]!, { least, most, ...(fractions && { fractions }) });
  if (flags.video !== "motion" && flags.video !== "always")
    throw new UsageError(`--video is ${flags.video}; expected motion or always`);
  if (flags["alerts-by"] !== "webhook" && flags["alerts-by"] !== "email")
    throw new UsageError(`--alerts-by is ${flags["alerts-by"]}; expected webhook or email`);
  return {
    alertsPerDay: read("alerts-per-day", 0, 86_400, true),
    alertsBy: flags["alerts-by"],
    cameras: read("cameras", 1, 10_000_000),
    motionsPerDay: read("motions-per-day", 0, 86_400, true),
    seconds: read("seconds", 0.1, 86_400, true),
    sessionSeconds: read("session-seconds", 1, 120),
    labelsPerMotion: read("labels-per-motion", 0, 100, true),
    video: flags.video,
    megabitsPerSecond: read("mbps", 0.01, 100, true),
    retentionDays: read("retention-days", 0, 3650),
    queriesPerDay: read("queries-per-day", 0, 1_000_000, true),
    maxSampleGapSeconds: read("max-sample-gap", 1, 60),
    personsPerImage: read("persons-per-image", 0, 100, true),
    ...(flags["detected-after"] !== undefined && {
      detectedAfterSeconds: read("detected-after", 0, 86_400, true),
    }),
  };
}

/**
 * The list prices, with those of the file in their place.
 * @throws UsageError that names the file, the field and the problem
 */
export async function readPrices(file: string | undefined): Promise<Prices> {
  if (file === undefined) return listPrices;
  let document: unknown;
  try {
    document = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    throw new UsageError(`--prices ${file}: ${(error as Error).message}`);
  }
  const parsed = v.safeParse(priceOverrides, document);
  if (parsed.success) return withOverrides(listPrices, parsed.output);
  throw new UsageError(`--prices ${file}: ${explainIssue(parsed.issues[0], { subject: "the document" })}`);
}

interface Bill {
  readonly engine: EngineName;
  readonly lines: readonly CostLine[];
}

const beyondFree = (idle: readonly IdleLine[]): number =>
  idle.reduce((sum, { usdBeyondFree }) => sum + usdBeyondFree, 0);

function costLines(
  fleet: Fleet,
  bills: readonly Bill[],
  idle: readonly IdleLine[],
  prices: Prices,
  console: Console,
): string[] {
  const { cameras, motionsPerDay, seconds } = fleet;
  const lines = new Map<string, CostLine>();
  for (const bill of bills) for (const line of bill.lines) lines.set(keyOf(line), line);
  const usdIn = ({ lines: own }: Bill, key: string) => {
    const line = own.find((one) => keyOf(one) === key);
    return line === undefined ? "" : `${line.assumption === undefined ? "" : "~"}${dollars(line.usd)}`;
  };
  const order = [...new Set([...lines.values()].map(({ service }) => service))];
  const rows = [...lines].toSorted(([, a], [, b]) => order.indexOf(a.service) - order.indexOf(b.service));
  const inUse = bills.map((bill) => totalUsd(bill.lines));
  const totals = inUse.map((usd) => usd + totalUsd(idle));
  const table = textTable(
    ["service", "for", ...bills.map(({ engine }) => ` ${engine}`), "price is", "assumes"],
    [
      ...rows.map(([key, { service, what, price, assumption }]) => [
        service,
        what,
        ...bills.map((bill) => usdIn(bill, key)),
        prices.prices[price].standing,
        assumption ?? "",
      ]),
      ["in use", "", ...inUse.map(dollars), "", ""],
      ...idle.map(({ service, what, usd, price, assumption = "" }) => [
        service,
        what,
        ...bills.map(() => `${assumption && "~"}${dollars(usd)}`),
        prices.prices[price].standing,
        assumption,
      ]),
      [
        "idle",
        "",
        ...bills.map(() => dollars(totalUsd(idle))),
        "",
        `${dollars(beyondFree(idle))} beyond free`,
      ],
      ["total", "", ...totals.map(dollars), "", ""],
      ["per camera", "", ...totals.map((usd) => dollars(usd / cameras)), "", ""],
    ],
  );
  const fleetText = `${cameras.toLocaleString("en")} cameras, ${motionsPerDay} motions per day of ${seconds} s`;
  return [
    `${console.style("bold", fleetText)}: US dollars per month, ${prices.region}, prices of ${prices.asOf}`,
    "",
    ...table
      .split("\n")
      .map((line) =>
        /^(in use|idle|total)/.test(line) ? console.style("bold", line.trimEnd()) : line.trimEnd(),
      ),
    "",
    "~ depends on the assumption named beside it. Prices: documented by AWS, secondary (from another source),",
    "unconfirmed (no source: check it before you rely on it) or given (by --prices).",
    ...(bills.some(({ engine }) => engine === "face-search")
      ? [
          console.style(
            "yellow",
            `A face-search processor that is left running costs $${Math.round(unstoppedFaceSearchUsd(prices)).toLocaleString("en")} a month and camera, with or without motion. Doorstep stops`,
          ),
          "each with its motion and sweeps daily; what you start by hand runs until you stop it.",
        ]
      : []),
  ];
}

const keyOf = ({ service, what }: CostLine): string => `${service}: ${what}`;

const dollars = (usd: number): string =>
  usd.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
