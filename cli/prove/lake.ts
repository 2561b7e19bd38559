import { AthenaClient } from "@aws-sdk/client-athena";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { backoffCeilingMs } from "../../base/backoff.ts";
import { MINUTE_MS } from "../../base/durations.ts";
import { pollUntil } from "../../base/poll.ts";
import { randomId } from "../../base/random.ts";
import { QueryFailed, runQuery, type QueryContext, type QueryResult } from "../../operator/athena.ts";
import { views } from "../../schemas/views/views.ts";
import type { Context } from "./context.ts";
import type { QuietHour } from "./quiet-hour.ts";

const LABELS = ["PERSON", "PET", "PACKAGE"] as const;
/** Pauses between two queries. */
const QUERY_PAUSES = { baseMs: 1000, maxMs: 20_000 } as const;

/**
 * Publishes a marked notification of each type and checks their rows in Athena. Also waits for the rows of the proof's own
 * sessions and of the decisions about its detections, so that all rows can be removed.
 */
export async function proveLake(sessionIds: readonly string[], context: Context): Promise<void> {
  const { fleet, config, outcomes, onProgress } = context;
  const sent = notifications(context);
  const sns = new SNSClient(config);
  const athena = new AthenaClient(config);
  try {
    const sentAtMs = context.clock.now();
    for (const one of [sent.labels, sent.end])
      await sns.send(
        new PublishCommand({ TopicArn: fleet.outputs.DetectionsTopicArn, Message: JSON.stringify(one) }),
      );
    const queryContext: QueryContext = {
      client: athena,
      workGroup: fleet.outputs.WorkGroupName,
      database: fleet.outputs.DatabaseName,
    };
    await proveViews(queryContext, context);
    onProgress("waiting for rows in Athena; Firehose takes minutes");
    const rows = await untilRows(detectionsSql(sent, context.quiet), LABELS.length, queryContext, context);
    recordDetections(rows, context);
    const ends = await untilRows(endsSql(sent, context.quiet), 1, queryContext, context);
    const { holds, seen } = filterOutcome(rows.length, ends.length, {
      sentAtMs,
      stackChangedAtMs: context.stackChangedAtMs,
    });
    outcomes.record("filter-reads-the-body", holds, seen);
    if (ends.length > 0)
      for (const sessionId of sessionIds)
        await untilRows(endsSql({ sessionId }, context.quiet), 1, queryContext, context);
    if (rows.length > 0) await untilRows(decidedSql(context.quiet), 1, queryContext, context);
  } finally {
    sns.destroy();
    athena.destroy();
  }
}

/** SNS applies a new or changed filter policy within this time (documented: SNS guide, "Applying a filter policy"). */
const FILTER_POLICY_DELAY_MS = 15 * MINUTE_MS;

/** Whether the filter policies selected what they name; open where they perhaps did not apply yet. */
export function filterOutcome(
  rows: number,
  ends: number,
  { sentAtMs, stackChangedAtMs = 0 }: { sentAtMs: number; stackChangedAtMs?: number | undefined },
): { holds: boolean | undefined; seen: string } {
  const seen = `${rows} rows in detections, ${ends} in session_records`;
  if (rows > 0 && ends === 1) return { holds: true, seen };
  const appliedAtMs = stackChangedAtMs + FILTER_POLICY_DELAY_MS;
  if (sentAtMs < appliedAtMs)
    return {
      holds: undefined,
      seen:
        `${seen}; the stack was changed ${Math.floor((sentAtMs - stackChangedAtMs) / MINUTE_MS)} minutes before, ` +
        `and SNS applies filter policies within 15: run it again after ${new Date(appliedAtMs).toISOString()}`,
    };
  return { holds: rows === 0 && ends === 0 ? undefined : false, seen };
}

/** Queries each view for the quiet hour; a view that Athena cannot read fails with or without rows. */
async function proveViews(queryContext: QueryContext, { outcomes, quiet, signal }: Context): Promise<void> {
  const failures: string[] = [];
  for (const { name } of views) {
    const sql = `SELECT count(*) FROM ${name} WHERE dt = '${quiet.dt}' AND hour = '${quiet.hour}'`;
    await runQuery(sql, queryContext, { signal }).catch((error: unknown) => {
      if (!(error instanceof QueryFailed)) throw error;
      failures.push(`${name}: ${error.message}`);
    });
  }
  const read = views.map(({ name }) => name).join(", ");
  outcomes.record(
    "athena-reads-views",
    failures.length === 0,
    failures.length === 0 ? `${read} were read` : failures.join("; "),
  );
}

type Sent = ReturnType<typeof notifications>;

/** One notification of each type, of a session that did not run. */
function notifications({ fleet, created, quiet: { startMs } }: Context) {
  const { DetectionsTopicArn, CameraPrefix, EvidenceBucketName } = fleet.outputs;
  const [, partition, , region, accountId] = DetectionsTopicArn.split(":");
  const sessionId = `prove-${randomId()}`;
  const streamName = `${CameraPrefix}${created.cameraId}`;
  const streamArn = `arn:${partition}:kinesisvideo:${region}:${accountId}:stream/${streamName}/${startMs}`;
  const common = {
    sessionId,
    tags: { prove: "true" },
    startStreamProcessorRequest: {
      name: streamName,
      startSelector: { kvsStreamStartSelector: { producerTimestamp: startMs } },
      stopSelector: { maxDurationInSeconds: 1 },
    },
  };
  const labels = {
    ...common,
    eventId: randomId(),
    eventNamespace: { type: "LABEL_DETECTED" },
    inputInformation: { kinesisVideo: { streamArn } },
    labels: LABELS.map((name, index) => ({
      id: String(index),
      name,
      frameImageUri: `s3://${EvidenceBucketName}/${sessionId}/frame.jpg`,
      croppedImageUri: `s3://${EvidenceBucketName}/${sessionId}/crop.jpg`,
      videoMapping: {
        kinesisVideoMapping: {
          fragmentNumber: "1",
          serverTimestamp: startMs,
          producerTimestamp: startMs,
          frameOffsetMillis: index,
        },
      },
      boundingBox: { left: 0.25, top: 0.25, width: 0.5, height: 0.5 },
    })),
  };
  const end = {
    ...common,
    eventId: randomId(),
    eventNamespace: { type: "STREAM_PROCESSING_COMPLETE" },
    inputInformation: { kinesisVideo: { streamArn, processedVideoDurationMillis: 1000 } },
    streamProcessingResults: { message: "doorstep doctor --prove" },
  };
  return { sessionId, labels, end };
}

const detectionsSql = ({ sessionId }: Pick<Sent, "sessionId">, { dt, hour }: QuietHour): string =>
  `SELECT label, detected_at_ms, date_diff('millisecond', TIMESTAMP '1970-01-01 00:00:00', detected_at) AS read_ms ` +
  `FROM detections WHERE dt = '${dt}' AND hour = '${hour}' AND session_id = '${sessionId}' ORDER BY detected_at_ms`;

const endsSql = ({ sessionId }: Pick<Sent, "sessionId">, { dt, hour }: QuietHour): string =>
  `SELECT session_id FROM session_records WHERE dt = '${dt}' AND hour = '${hour}' AND session_id = '${sessionId}'`;

/** A row once every detection of the hour has its decision. */
const decidedSql = ({ dt, hour }: QuietHour): string =>
  `SELECT count(*) FROM detections d LEFT JOIN alert_decisions a ON a.dt = d.dt AND a.hour = d.hour ` +
  `AND a.event_id = d.event_id AND a.label_id = d.label_id ` +
  `WHERE d.dt = '${dt}' AND d.hour = '${hour}' HAVING count(*) = count(a.event_id)`;

function recordDetections(
  rows: QueryResult["rows"],
  { outcomes, waitMs, quiet: { dt, hour, startMs } }: Context,
): void {
  if (rows.length === 0) {
    const seen = `no row within ${waitMs / MINUTE_MS} minutes; see errors/ in the lake bucket`;
    for (const id of ["labels-in-one-row", "rows-lie-by-event-time", "athena-reads-timestamps"] as const)
      outcomes.record(id, undefined, seen);
    return;
  }
  const labels = rows.map(([label]) => label);
  const isWhole = new Set(labels).size === LABELS.length;
  outcomes.record(
    "labels-in-one-row",
    isWhole,
    `a notification of ${LABELS.join(", ")} became rows of ${labels.join(", ")}`,
  );
  outcomes.record("rows-lie-by-event-time", true, `found under dt=${dt}/hour=${hour}`);
  const times = rows.map(([, sentMs, readMs]) => [Number(sentMs), Number(readMs)] as const);
  const areRight = times.every(
    ([sentMs, readMs], index) => sentMs === readMs && (!isWhole || sentMs === startMs + index),
  );
  outcomes.record(
    "athena-reads-timestamps",
    areRight,
    times.map(([sentMs, readMs]) => `${sentMs} was read as ${readMs}`).join("; "),
  );
}

/** Repeats a query until it returns that many rows, or the time is over; returns the last result's rows. */
async function untilRows(
  sql: string,
  count: number,
  queryContext: QueryContext,
  { waitMs, signal, clock }: Context,
): Promise<QueryResult["rows"]> {
  let rows: QueryResult["rows"] = [];
  await pollUntil(
    async () => {
      ({ rows } = await runQuery(sql, queryContext, { signal, clock }));
      return rows.length >= count || undefined;
    },
    {
      clock,
      signal,
      everyMs: (queries) => backoffCeilingMs(queries, QUERY_PAUSES),
      withinMs: waitMs,
    },
  );
  return rows;
}
