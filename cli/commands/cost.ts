import { readFile } from "node:fs/promises";
import * as v from "valibot";
import {
  DAYS_PER_MONTH,
  ENGINES,
  FLEET_DEFAULTS,
  fleetCost,
  totalUsd,
  type CostLine,
  type Engine,
  type Fleet,
} from "../../analysis/cost.ts";
import { listPrices, withOverrides } from "../../analysis/prices.ts";
import { priceOverrides, type Prices } from "../../schemas/prices.ts";
import { defineCommand, UsageError } from "../command.ts";
import type { Console } from "../console.ts";
import { readNumberFlag } from "../number.ts";
import { textTable } from "../table.ts";

const { sessionSeconds, sampleEverySeconds, labelsPerMotion, video, megabitsPerSecond } = FLEET_DEFAULTS;
const { retentionDays, queriesPerDay } = FLEET_DEFAULTS;

const number = (about: string, value: number) =>
  ({ type: "string", value: "<n>", default: String(value), about }) as const;

const FLAGS = {
  cameras: number("how many cameras", 100),
  "motions-per-day": number("motions of a camera and day", 30),
  seconds: number("how long a motion lasts, so how much video is analysed for it", 20),
  engine: { type: "string", value: ENGINES.join("|"), about: "one engine; else both beside each other" },
  "session-seconds": number("how much video one session analyses, 1 to 120", sessionSeconds),
  "sample-every-seconds": number("how often the engine frames looks at an image", sampleEverySeconds),
  "labels-per-motion": number("what is seen in a motion on average", labelsPerMotion),
  video: { type: "string", value: "motion|always", default: video, about: "which video is uploaded" },
  mbps: number("megabits of video a second", megabitsPerSecond),
  "retention-days": number("how long Kinesis Video keeps it", retentionDays),
  "queries-per-day": number("questions to the lake", queriesPerDay),
  prices: { type: "string", value: "<file.json>", about: "prices that replace the list's" },
} as const;

const NOTES = `A month has ${DAYS_PER_MONTH} days. Prices are AWS's list prices of ${listPrices.region} as of ${listPrices.asOf}, first tiers, without free tiers,
taxes, discounts, transfer to the internet, logs and metrics. Needs no cloud. A file of prices replaces those it names:
  {"asOf": "2027-01-31", "region": "eu-west-1", "prices": {"rekognitionImage": {"usd": 0.0012}}}
--json shows every price with its name, unit and source.`;

export const cost = defineCommand({
  name: "cost",
  about: "Estimate what a fleet costs a month, and compare the engines",
  operands: [],
  flags: FLAGS,
  notes: NOTES,
  async run({ flags, console }) {
    const fleet = readFleet(flags);
    const engines = ENGINES.filter((engine) => engine === (flags.engine ?? engine));
    if (engines.length === 0)
      throw new UsageError(`--engine is ${flags.engine}; expected ${ENGINES.join(" or ")}`);
    const prices =
      flags.prices === undefined ? listPrices : withOverrides(listPrices, await readPrices(flags.prices));
    const bills = engines.map((engine) => ({ engine, lines: fleetCost(engine, fleet, prices) }));
    for (const line of report(fleet, bills, prices, console)) console.say(line);
    console.result({
      fleet,
      engines: bills.map(({ engine, lines }) => ({ engine, usdPerMonth: totalUsd(lines), lines })),
      ...prices,
    });
  },
});

type Given = Readonly<Record<Exclude<keyof typeof FLAGS, "engine" | "prices">, string>>;

function readFleet(flags: Given): Fleet {
  const read = (name: keyof Given, least: number, most: number, fractions?: true) =>
    readNumberFlag(`--${name}`, flags[name], { least, most, ...(fractions && { fractions }) });
  if (flags.video !== "motion" && flags.video !== "always")
    throw new UsageError(`--video is ${flags.video}; expected motion or always`);
  return {
    cameras: read("cameras", 1, 10_000_000),
    motionsPerDay: read("motions-per-day", 0, 86_400, true),
    seconds: read("seconds", 0.1, 86_400, true),
    sessionSeconds: read("session-seconds", 1, 120),
    sampleEverySeconds: read("sample-every-seconds", 0.2, 120, true),
    labelsPerMotion: read("labels-per-motion", 0, 100, true),
    video: flags.video,
    megabitsPerSecond: read("mbps", 0.01, 100, true),
    retentionDays: read("retention-days", 0, 3650),
    queriesPerDay: read("queries-per-day", 0, 1_000_000, true),
  };
}

/** @throws UsageError that says where in the file what is wrong */
export async function readPrices(file: string) {
  let document: unknown;
  try {
    document = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    throw new UsageError(`--prices ${file}: ${(error as Error).message}`);
  }
  const parsed = v.safeParse(priceOverrides, document);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const where = v.getDotPath(issue);
  throw new UsageError(`--prices ${file}: ${where === null ? "" : `${where}: `}${issue.message}`);
}

interface Bill {
  readonly engine: Engine;
  readonly lines: readonly CostLine[];
}

function report(fleet: Fleet, bills: readonly Bill[], prices: Prices, console: Console): string[] {
  const { cameras, motionsPerDay, seconds } = fleet;
  const lines = new Map<string, CostLine>();
  for (const bill of bills) for (const line of bill.lines) lines.set(keyOf(line), line);
  const usdIn = ({ lines: own }: Bill, key: string) => {
    const line = own.find((one) => keyOf(one) === key);
    return line === undefined ? "" : `${line.guess === undefined ? "" : "~"}${dollars(line.usd)}`;
  };
  const order = [...new Set([...lines.values()].map(({ service }) => service))];
  const rows = [...lines].toSorted(([, a], [, b]) => order.indexOf(a.service) - order.indexOf(b.service));
  const totals = bills.map((bill) => dollars(totalUsd(bill.lines)));
  const table = textTable(
    ["service", "for", ...bills.map(({ engine }) => ` ${engine}`), "price is", "rests on"],
    [
      ...rows.map(([key, { service, what, price, guess }]) => [
        service,
        what,
        ...bills.map((bill) => usdIn(bill, key)),
        prices.prices[price].standing,
        guess ?? "",
      ]),
      ["total", "", ...totals, "", ""],
      ["a camera", "", ...bills.map((bill) => dollars(totalUsd(bill.lines) / cameras)), "", ""],
    ],
  );
  const fleetText = `${cameras.toLocaleString("en")} cameras, ${motionsPerDay} motions a day of ${seconds} s`;
  return [
    `${console.style("bold", fleetText)}: US dollars a month, ${prices.region}, prices of ${prices.asOf}`,
    "",
    ...table
      .split("\n")
      .map((line) => (line.startsWith("total") ? console.style("bold", line.trimEnd()) : line.trimEnd())),
    "",
    "~ an amount that rests on a guess, named beside it. documented: AWS's own page says so; secondary: others do;",
    "unconfirmed: no source at hand, so look it up before you rely on it; given: by --prices.",
  ];
}

const keyOf = ({ service, what }: CostLine): string => `${service}: ${what}`;

const dollars = (usd: number): string =>
  usd.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
