import type { Alarm, Arrow } from "../../schemas/failure-paths/failure-path.ts";

const cell = (text: string): string => text.replaceAll("|", "\\|");

/** How an alarm rings, in words. */
const ringsWhen = ({ metric, statistic, periodSeconds, rings }: Alarm): string =>
  `${metric}: ${statistic.toLowerCase()} over ${periodSeconds / 60} min ${rings.when === "atLeast" ? "at least" : "below"} ${rings.threshold}`;

const seen = ({ alarms, unseen }: Arrow): string =>
  alarms.length > 0 ? alarms.map(({ name }) => `\`${name}\``).join(", ") : `no alarm: ${unseen}`;

const back = ({ redrive = [], returns }: Arrow): string =>
  redrive.length === 0 ? returns : `${redrive.map((path) => `\`--from ${path}\``).join(", ")}: ${returns}`;

const INTRODUCTION = `# Operations

Written by \`npm run docs\` from the list of arrows in \`schemas/arrows\`, from which the alarms and the dashboard are made, too.

## When an alarm rings

1. The alarm's name is in the table below: it tells which arrow broke and where its records wait.
2. Mend the cause. The functions' logs name it; refusals say which permission is missing.
3. \`doorstep redrive --dry-run\` counts what waits, \`doorstep redrive\` puts it back through the normal way.

The dashboard, named as the stack, has a column for each stage of the way from left to right. The output
\`AlarmTopicArn\` is where every alarm is told, both when it rings and when it ends; the parameter \`AlarmEmail\` subscribes one
address, which must confirm. An alarm costs $0.10 a month at list price, and a dashboard nothing up to the third of an
account.

## Every arrow`;

const REDRIVE = `## Redrive

\`\`\`sh
npm run doorstep -- redrive --dry-run
npm run doorstep -- redrive --from detection-errors
npm run doorstep -- redrive --from raw --since 2026-11-21T08:00:00Z --until 2026-11-21T09:00:00Z
\`\`\`

Without \`--from\` every path but \`raw\` is put back, in the order of \`doorstep redrive --help\`.

- **Twice does no harm.** Facts keep their ids, the views show each once, ends of sessions and wake-ups that are known
  change nothing.
- **Nothing is lost on the way.** A message is deleted, or an error object moved to \`errors/redriven/\`, only after all of it
  was taken. Whoever is interrupted runs it again.
- **What fails again is left.** A record that comes back with the reason that it had before its last redrive stays where
  it is and is reported, exit code 1; \`--again\` puts it back all the same, for an outage that outlasted the first try.
- **Conversion errors** hold rows, not notifications (unconfirmed; both are understood). The notification is looked up by
  its event id in \`raw/\`, within a day after it arrived, and normalised anew. Once \`raw/\` has expired it is left and
  reported.
- **\`raw\`** puts whole objects of the backup back whose names are of that time, for rows that were made wrong or lost. It
  needs \`--since\`, and is kept in \`raw/\` once more.

Exit codes: 0 all is back, 1 something was left or refused, 2 wrong use.`;

/** docs/operations.md. */
export const operationsMarkdown = (arrows: readonly Arrow[]): string =>
  [
    INTRODUCTION,
    "",
    "| arrow | what fails | tried again | where it lands | how one sees it | how it comes back |",
    "| --- | --- | --- | --- | --- | --- |",
    ...arrows.map((arrow) =>
      [`${arrow.from} → ${arrow.to}`, arrow.fails, arrow.retried, arrow.lands, seen(arrow), back(arrow)]
        .map(cell)
        .join(" | ")
        .replace(/^/, "| ")
        .replace(/$/, " |"),
    ),
    "",
    "## Alarms",
    "",
    "Named `<stack>-<alarm>`; no data is no alarm.",
    "",
    "| alarm | arrow | rings when |",
    "| --- | --- | --- |",
    ...arrows.flatMap(({ from, to, alarms }) =>
      alarms.map((alarm) => `| \`${alarm.name}\` | ${cell(`${from} → ${to}`)} | ${ringsWhen(alarm)} |`),
    ),
    "",
    REDRIVE,
    "",
  ].join("\n");
