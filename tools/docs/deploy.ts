import type { CostLine } from "../../analysis/cost.ts";
import { idleCost, type IdleLine } from "../../analysis/idle.ts";
import { listPrices } from "../../analysis/prices.ts";
import { REFUSED_REQUEST, refusedRequestsUsdPerHour } from "../../analysis/refused-requests.ts";
import type { Template } from "../../local/template/template.ts";

const usd = (amount: number): string => amount.toFixed(2);

/** `1.3 million`, `345,600`, `0.02`. */
const number = (amount: number): string =>
  amount >= 1e6
    ? `${Number((amount / 1e6).toFixed(1))} million`
    : Number(amount.toPrecision(amount < 1 ? 1 : 6)).toLocaleString("en");

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

const isKey = ({ service }: CostLine): boolean => service === "KMS";

const row = ({ service, what, price, amount, usd: cost, usdBeyondFree, assumption }: IdleLine): string[] => {
  const { unit, usd: unitUsd, per, source, standing } = listPrices.prices[price];
  return [
    `${service}: ${what}`,
    `${number(amount)} ${amount === 1 ? unit.slice(0, -1) : unit}${assumption === undefined ? "" : `: ${assumption}`}`,
    `[${unitUsd} for ${number(per)}](${source}), ${standing}`,
    usd(cost),
    usd(usdBeyondFree),
  ];
};

const sum = (lines: readonly IdleLine[], of: "usd" | "usdBeyondFree"): string =>
  usd(lines.reduce((total, line) => total + line[of], 0));

/** The costs of a stack without any camera, as `doorstep cost` has them. */
function idleMarkdown(): string {
  const lines = idleCost(listPrices, { ownKey: true });
  const [always, key] = [lines.filter((line) => !isKey(line)), lines.filter(isKey)];
  return table(
    ["what", "a month", "list price, USD", "USD", "beyond free"],
    [
      ...always.map(row),
      ["**total**", "", "", `**${sum(always, "usd")}**`, `**${sum(always, "usdBeyondFree")}**`],
      ...key.map((line) => row({ ...line, what: `${line.what}, if you set kmsKeyArn` })),
    ],
  );
}

/** What anyone who knows the API's address may spend, at the template's default rate. */
function strangerMarkdown({ Parameters = {}, Resources }: Template): string {
  const routes = Object.values(Resources).filter(({ Type }) => Type === "AWS::ApiGatewayV2::Route").length;
  const perSecond = Number(Parameters["ApiRequestsPerSecond"]?.Default);
  const rate = (requests: number): string[] => {
    const hour = refusedRequestsUsdPerHour(routes * requests);
    return [String(requests), number(routes * requests * 3600), usd(hour), usd(hour * 24)];
  };
  const { requestMs, functionGb, logKb, reads, tracedShare } = REFUSED_REQUEST;
  return [
    table(
      ["`apiRequestsPerSecond`", `requests an hour on ${routes} routes`, "USD an hour", "USD a day"],
      [perSecond / 4, perSecond, 1000].map(rate),
    ),
    `Each refused request is a request of the API and of Lambda, ${requestMs} ms at ${functionGb} GB, ${logKb} KB of logs, ${reads} read` +
      ` of DynamoDB and, for ${tracedShare * 100} %, a trace. That API Gateway bills what it throttles itself is unconfirmed; it is not in the table.`,
  ].join("\n\n");
}

const MARKS = (name: string) => new RegExp(`(<!-- ${name} -->)[^]*(<!-- /${name} -->)`);

/** docs/deploy.md with its generated parts replaced. @throws RangeError when it has no place for one */
export function withDeployFigures(page: string, template: Template): string {
  let text = page;
  for (const [name, markdown] of [
    ["idle", idleMarkdown()],
    ["stranger", strangerMarkdown(template)],
  ] as const) {
    if (!MARKS(name).test(text))
      throw new RangeError(`docs/deploy.md has no <!-- ${name} --> … <!-- /${name} -->`);
    text = text.replace(MARKS(name), (_, start: string, end: string) => `${start}\n\n${markdown}\n\n${end}`);
  }
  return text;
}
