import { DAY_MS, HOUR_MS } from "../../../base/durations.ts";
import { DECISION_REASONS, type DecisionReason } from "../../../schemas/alert-decision.ts";
import { withAlerts } from "../../alert/registry.ts";
import { checkCameraId, CLOUD_FLAGS, STACK_FLAG } from "../../cloud.ts";
import { defineCommand, UsageError } from "../../command.ts";
import { readNumberFlag } from "../../number.ts";
import { resultObjects } from "../../query-result.ts";
import { textTable } from "../../table.ts";
import { counted, iso } from "../../text.ts";

const COLUMNS = [
  "decided_at_ms",
  "detected_at_ms",
  "camera_id",
  "label",
  "confidence",
  "decision",
  "reason",
  "rule_id",
  "severity",
  "alert_id",
  "revision",
  "event_id",
] as const;

/** A row of the view `alert_decisions`. */
type DecisionRow = { readonly [Name in (typeof COLUMNS)[number]]: string | number | null };

const LATE = "Rows reach the lake within some minutes; until then, the lake does not have what is newer.";
const NEEDS = "Needs cloudformation:DescribeStacks, and the permissions of npx doorstep query.";

export const alertLog = defineCommand({
  name: "alert log",
  about: "List what became of detections: raised, merged or suppressed, and why",
  operands: [],
  flags: {
    camera: { type: "string", value: "<id>", about: "only this camera's" },
    rule: {
      type: "string",
      value: "<rule>",
      about: "only what this rule decided, or came nearest to taking",
    },
    reason: { type: "string", value: "<reason>", about: "only with this reason, e.g. cooldown" },
    hours: {
      type: "string",
      value: "<n>",
      default: "24",
      about: "detections of the last so many hours, 1 to 8784",
    },
    limit: { type: "string", value: "<n>", default: "100", about: "the latest so many rows, 1 to 1000" },
    ...STACK_FLAG,
    ...CLOUD_FLAGS,
  },
  notes: `The reasons:

${Object.entries(DECISION_REASONS)
  .map(([reason, text]) => `  ${reason.padEnd(16)}  ${text}`)
  .join("\n")}

${LATE} npx doorstep query has more questions about alerts, and any SQL on the views alert_decisions and alerts.

  npx doorstep alert log --camera front-door --hours 2
  npx doorstep alert log --reason cooldown --hours 168

${NEEDS}`,
  async run({ flags, console, signal, clock }) {
    const hours = readNumberFlag("--hours", flags.hours, { least: 1, most: 8784 });
    const limit = readNumberFlag("--limit", flags.limit, { least: 1, most: 1000 });
    if (flags.reason !== undefined && !(flags.reason in DECISION_REASONS))
      throw new UsageError(
        `--reason is ${flags.reason}; expected one of ${Object.keys(DECISION_REASONS).join(", ")}`,
      );
    const fromMs = clock.now() - hours * HOUR_MS;
    const conditions = [
      `dt >= ${quoted(dayOf(fromMs))}`,
      `detected_at_ms >= ${fromMs}`,
      ...(flags.camera === undefined
        ? []
        : [`camera_id = ${quoted(checkCameraId("--camera", flags.camera))}`]),
      ...(flags.rule === undefined ? [] : [`rule_id = ${quoted(flags.rule)}`]),
      ...(flags.reason === undefined ? [] : [`reason = ${quoted(flags.reason)}`]),
    ];
    await withAlerts(flags, clock, async (alerts) => {
      console.progress("querying the lake");
      const result = await alerts.query(
        `SELECT ${COLUMNS.join(", ")}\nFROM alert_decisions\nWHERE ${conditions.join("\n  AND ")}\n` +
          `ORDER BY decided_at_ms DESC, event_id, label\nLIMIT ${limit}`,
        signal,
      );
      const rows = resultObjects(result) as unknown as DecisionRow[];
      if (rows.length > 0) console.say(decisionTable(rows));
      console.say(`${counted(rows.length, "decision")} in the last ${hours} hours`);
      if (rows.length === limit) console.note(`These are the latest ${limit}; --limit prints more.`);
      if (rows.length === 0) console.note(LATE);
      console.result({ decisions: rows });
    });
  },
});

export const alertExplain = defineCommand({
  name: "alert explain",
  about: "Explain an alert, or why a detection raised none",
  operands: ["<alert id | event id>"],
  flags: {
    days: { type: "string", value: "<n>", default: "30", about: "search the last so many days, 1 to 3660" },
    ...STACK_FLAG,
    ...CLOUD_FLAGS,
  },
  notes: `An alert's id is in each of its messages (alertId) and events; an event's id is a notification's, as alert log lists it. The
decisions about every detection of the alert's sessions are listed in order, also those that did not become part of it.
${LATE}

  npx doorstep alert explain front-door-1795939200000
  npx doorstep alert explain 7f3c9a52-detection

${NEEDS}`,
  async run({ flags, operands: [id], console, signal, clock }) {
    const days = readNumberFlag("--days", flags.days, { least: 1, most: 3660 });
    const nowMs = clock.now();
    const near = daysOf(id!, nowMs, days);
    await withAlerts(flags, clock, async (alerts) => {
      console.progress("querying the lake");
      const within = `dt BETWEEN ${quoted(near.from)} AND ${quoted(near.to)}`;
      const isIt = `(alert_id = ${quoted(id!)} OR event_id = ${quoted(id!)})`;
      const result = await alerts.query(
        `SELECT ${COLUMNS.join(", ")}\nFROM alert_decisions\nWHERE ${within}\n` +
          `  AND session_id IN (SELECT session_id FROM alert_decisions WHERE ${within} AND ${isIt})\n` +
          `ORDER BY decided_at_ms, detected_at_ms, label`,
        signal,
      );
      const rows = resultObjects(result) as unknown as DecisionRow[];
      if (rows.length === 0)
        throw new Error(
          `the lake has no alert and no event ${id} between ${near.from} and ${near.to}. ${LATE}`,
        );
      for (const line of explanation(id!, rows)) console.say(line);
      console.say();
      console.say(decisionTable(rows));
      console.result({ id, decisions: rows });
    });
  },
});

/** An alert's id ends in the time at which its chain of sessions began, which says where to search. */
function daysOf(id: string, nowMs: number, days: number): { readonly from: string; readonly to: string } {
  const startMs = Number(/-(\d{13})$/.exec(id)?.[1] ?? Number.NaN);
  return Number.isNaN(startMs)
    ? { from: dayOf(nowMs - days * DAY_MS), to: dayOf(nowMs + DAY_MS) }
    : { from: dayOf(startMs), to: dayOf(startMs + DAY_MS) };
}

const dayOf = (epochMs: number): string => iso(epochMs).slice(0, "yyyy-MM-dd".length);

/** A text as SQL. */
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** What happened, in sentences. */
function explanation(id: string, rows: readonly DecisionRow[]): string[] {
  const own = rows.filter((row) => row.alert_id === id || row.event_id === id);
  return own.map((row) => {
    const what = `${iso(Number(row.detected_at_ms))} ${row.label}${row.confidence === null ? "" : ` (${row.confidence})`} on ${row.camera_id}`;
    const why = DECISION_REASONS[row.reason as DecisionReason] ?? String(row.reason);
    const rule = row.rule_id === null ? "" : ` Rule: ${row.rule_id}.`;
    const alert =
      row.alert_id === null
        ? "raised no alert"
        : row.decision === "raised"
          ? `raised the alert ${row.alert_id} (${row.severity})`
          : `became part of the alert ${row.alert_id}, revision ${row.revision}`;
    return `${what} ${alert}: ${why}.${rule}`;
  });
}

const decisionTable = (rows: readonly DecisionRow[]): string =>
  textTable(
    ["decided", "camera", "label", " confidence", "decision", "reason", "rule", "severity", "alert"],
    rows.map((row) => [
      iso(Number(row.decided_at_ms)),
      ...[row.camera_id, row.label, row.confidence, row.decision, row.reason, row.rule_id, row.severity].map(
        (value) => String(value ?? ""),
      ),
      row.alert_id === null ? "" : `${row.alert_id} #${row.revision}`,
    ]),
  );
