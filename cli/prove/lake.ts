import { AthenaClient } from "@aws-sdk/client-athena";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { sleep, systemClock } from "../../base/clock.ts";
import { randomId } from "../../base/random.ts";
import { runQuery, type QueryContext } from "../../operator/athena.ts";
import type { Context } from "./context.ts";
import type { QuietHour } from "./quiet-hour.ts";

const LABELS = ["PERSON", "PET", "PACKAGE"] as const;
const ASK_EVERY_MS = { first: 1000, growth: 1.5, longest: 20_000 } as const;
/**
 * Sends a marked notification of each type, looks at what Athena makes of them, and waits for the rows of the proof's own
 * sessions, so that all of them can be removed.
 */
export async function proveLake(sessionIds: readonly string[], context: Context): Promise<void> {
  const { fleet, config, outcomes, onProgress } = context;
  const sent = notifications(context);
  const sns = new SNSClient(config);
  const athena = new AthenaClient(config);
  try {
    for (const one of [sent.labels, sent.end])
      await sns.send(
        new PublishCommand({ TopicArn: fleet.outputs.DetectionsTopicArn, Message: JSON.stringify(one) }),
      );
    const ask: QueryContext = {
      client: athena,
      workGroup: fleet.outputs.WorkGroupName,
      database: fleet.outputs.DatabaseName,
    };
    onProgress("rows are awaited in Athena; Firehose takes minutes");
    const rows = await untilRows(detectionsSql(sent, context.quiet), LABELS.length, ask, context);
    learnDetections(rows, context);
    const ends = await untilRows(endsSql(sent, context.quiet), 1, ask, context);
    outcomes.learn(
      "filter-reads-the-body",
      rows.length === 0 && ends.length === 0 ? undefined : rows.length > 0 && ends.length === 1,
      `${rows.length} rows in detection_records, ${ends.length} in session_records`,
    );
    if (ends.length > 0)
      for (const sessionId of sessionIds)
        await untilRows(endsSql({ sessionId }, context.quiet), 1, ask, context);
  } finally {
    sns.destroy();
    athena.destroy();
  }
}

type Sent = ReturnType<typeof notifications>;

/** One notification of each type, of a session that never was. */
function notifications({ fleet, made, quiet: { startMs } }: Context) {
  const { DetectionsTopicArn, CameraPrefix, EvidenceBucketName } = fleet.outputs;
  const [, partition, , region, accountId] = DetectionsTopicArn.split(":");
  const sessionId = `prove-${randomId()}`;
  const streamName = `${CameraPrefix}${made.cameraId}`;
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
  `FROM detection_records WHERE dt = '${dt}' AND hour = '${hour}' AND session_id = '${sessionId}' ORDER BY detected_at_ms`;

const endsSql = ({ sessionId }: Pick<Sent, "sessionId">, { dt, hour }: QuietHour): string =>
  `SELECT session_id FROM session_records WHERE dt = '${dt}' AND hour = '${hour}' AND session_id = '${sessionId}'`;

function learnDetections(
  rows: readonly (readonly (string | null)[])[],
  { outcomes, waitMs, quiet: { dt, hour, startMs } }: Context,
): void {
  if (rows.length === 0) {
    const seen = `no row within ${waitMs / 60_000} minutes; see errors/ in the lake bucket`;
    for (const id of [
      "documents-in-one-record",
      "rows-lie-by-event-time",
      "athena-reads-timestamps",
    ] as const)
      outcomes.learn(id, undefined, seen);
    return;
  }
  const labels = rows.map(([label]) => label);
  const isWhole = new Set(labels).size === LABELS.length;
  outcomes.learn("documents-in-one-record", isWhole, `of one record with 3 labels came ${labels.join(", ")}`);
  outcomes.learn("rows-lie-by-event-time", true, `found under dt=${dt}/hour=${hour}`);
  const times = rows.map(([, sentMs, readMs]) => [Number(sentMs), Number(readMs)] as const);
  const areRight = times.every(
    ([sentMs, readMs], index) => sentMs === readMs && (!isWhole || sentMs === startMs + index),
  );
  outcomes.learn(
    "athena-reads-timestamps",
    areRight,
    times.map(([sentMs, readMs]) => `${sentMs} was read as ${readMs}`).join("; "),
  );
}

/** Asks again and again until there are that many rows, at most for the given time. */
async function untilRows(
  sql: string,
  count: number,
  ask: QueryContext,
  { waitMs, signal }: Context,
): Promise<readonly (readonly (string | null)[])[]> {
  const deadlineMs = performance.now() + waitMs;
  let pauseMs: number = ASK_EVERY_MS.first;
  for (;;) {
    const { rows } = await runQuery(sql, ask, { signal });
    if (rows.length >= count || performance.now() + pauseMs > deadlineMs) return rows;
    await sleep(systemClock, pauseMs, signal);
    pauseMs = Math.min(ASK_EVERY_MS.longest, pauseMs * ASK_EVERY_MS.growth);
  }
}
