import type { S3Client } from "@aws-sdk/client-s3";
import type { Clock } from "../../base/clock.ts";
import { errorMessage } from "../../base/errors.ts";
import type { QueryContext } from "../../operator/athena.ts";
import { queryRows } from "../../operator/result-file.ts";
import type { ProfileRows } from "../../analysis/profile/profile.ts";
import { horizonOf } from "../../analysis/profile/simulation.ts";
import { ENGINES, type EngineName } from "../../schemas/engine.ts";
import { readEngine } from "../../schemas/values.ts";
import * as queries from "../../report/queries.ts";
import type { ReportSql } from "../../report/sections.ts";
import type { LakeExtent } from "../../report/page.ts";

type Texts = readonly (string | null)[];

/** Query results, and the SQL of each query. */
export interface LakeResults {
  readonly rows: ProfileRows;
  readonly sql: Omit<ReportSql, "evidence">;
}

/** Runs the report's queries and adds up the bytes that Athena scans. */
export class Lake {
  readonly #context: QueryContext & { readonly s3: S3Client };
  readonly #onProgress: (text: string) => void;
  readonly #clock: Clock;
  /** Aborts the other queries once one fails, so that nobody pays for them. */
  readonly #failed = new AbortController();
  readonly #signal: AbortSignal;
  scannedBytes = 0;

  constructor(
    context: QueryContext & { readonly s3: S3Client },
    { signal, clock, onProgress }: { signal: AbortSignal; clock: Clock; onProgress: (text: string) => void },
  ) {
    this.#context = context;
    this.#clock = clock;
    this.#onProgress = onProgress;
    this.#signal = AbortSignal.any([signal, this.#failed.signal]);
  }

  /** @throws Error that names the query that failed and Athena's reason; the signal's reason once it aborts */
  async query(name: string, sql: string): Promise<readonly Texts[]> {
    this.#signal.throwIfAborted();
    this.#onProgress(`querying ${name}`);
    try {
      const { rows, scannedBytes } = await queryRows(sql, this.#context, {
        signal: this.#signal,
        clock: this.#clock,
      });
      this.scannedBytes += scannedBytes;
      return rows;
    } catch (error) {
      this.#signal.throwIfAborted();
      const reason = errorMessage(error);
      const failure = new Error(`the query for ${name} failed: ${reason}`, { cause: error });
      this.#failed.abort(failure);
      throw failure;
    }
  }

  /** The first and last day with data, outside the scope's range too. */
  async extent(scope: queries.QueryScope): Promise<LakeExtent | undefined> {
    for (const synthetic of [scope.synthetic, !scope.synthetic]) {
      const [row] = await this.query("days with data", queries.extentSql({ ...scope, synthetic }));
      const [firstDay, lastDay] = row ?? [];
      if (firstDay && lastDay) return { firstDay, lastDay, isOther: synthetic !== scope.synthetic };
    }
    return undefined;
  }
}

/**
 * Runs two queries at a time: enough to keep the local cloud busy while another is planned or read, and little of an
 * account's quota of concurrent queries.
 */
export async function queryLake(lake: Lake, scope: queries.QueryScope): Promise<LakeResults> {
  const cameras = queries.camerasSql(scope);
  const profiled = await lake.query("cameras", cameras);
  const cameraIds = profiled.map(([cameraId]) => textOf(cameraId));
  const sql = {
    cameras,
    sessions: queries.sessionsSql(scope, cameraIds),
    detectingSessions: queries.detectingSessionsSql(scope, cameraIds),
    detections: queries.detectionsSql(scope, cameraIds),
    cameraLabels: queries.cameraLabelsSql(scope, cameraIds),
    motions: queries.motionsSql(scope),
  };
  const [simulated, seen] = await Promise.all([
    queryMotions(lake, scope, sql.motions),
    querySessions(lake, sql),
  ]);
  return {
    rows: { cameras: numberOf(profiled[0]?.[1] ?? "0"), ...simulated.rows, ...seen },
    sql: { ...sql, firstDetections: simulated.firstDetectionsSql },
  };
}

/** First detections are those of the motions that reach the horizon, so motions are queried first. */
async function queryMotions(
  lake: Lake,
  scope: queries.QueryScope,
  sql: string,
): Promise<{ rows: Pick<ProfileRows, "motions" | "firstDetections">; firstDetectionsSql: string }> {
  const motions = (await lake.query("motions", sql)).map(([reachS, lastedS, count, lastedMs, engine]) => ({
    engine: engineOf(engine),
    reachS: numberOf(reachS),
    lastedS: numberOf(lastedS),
    motions: numberOf(count),
    lastedMs: numberOf(lastedMs),
  }));
  const firstDetectionsSql = queries.firstDetectionsSql(scope, horizonOf(motions).horizonS);
  const firstDetections = (await lake.query("first detections", firstDetectionsSql)).map(
    ([label, level, afterS, count]) => ({
      label: textOf(label),
      level: numberOf(level),
      afterS: numberOf(afterS),
      firstDetections: numberOf(count),
    }),
  );
  return { rows: { motions, firstDetections }, firstDetectionsSql };
}

async function querySessions(
  lake: Lake,
  sql: Pick<ReportSql, "sessions" | "detections" | "detectingSessions" | "cameraLabels">,
): Promise<Omit<ProfileRows, "cameras" | "motions" | "firstDetections">> {
  const ended = (await lake.query("sessions", sql.sessions)).map(
    ([cameraId, bin, outcome, reason, sessions, analysedMs, intervals, durationMs, engine, samples]) => ({
      engine: engineOf(engine),
      samples: numberOf(samples),
      cameraId: cameraId ?? null,
      bin: textOf(bin),
      outcome: textOf(outcome),
      reason: reason ?? null,
      sessions: numberOf(sessions),
      analysedMs: numberOf(analysedMs),
      intervals: numberOf(intervals),
      durationMs: numberOf(durationMs),
    }),
  );
  // Two groupings: rows with a bin are activity, rows without one are times and confidence.
  const seen = await lake.query("detections", sql.detections);
  const detectingSessions = await lake.query("sessions with detections", sql.detectingSessions);
  const cameraLabels = await lake.query("cameras' times to detection", sql.cameraLabels);
  return {
    sessions: ended.filter(({ outcome }) => outcome !== "gap"),
    coverage: ended.filter(({ intervals }) => intervals > 0),
    detectingSessions: detectingSessions.map(([cameraId, bin, count]) => ({
      cameraId: cameraId ?? null,
      bin: textOf(bin),
      sessions: numberOf(count),
    })),
    activity: seen
      .filter(([, bin]) => bin !== null)
      .map(([cameraId, bin, label, , , count]) => ({
        cameraId: cameraId ?? null,
        bin: textOf(bin),
        label: textOf(label),
        detections: numberOf(count),
      })),
    detections: seen
      .filter(([, bin]) => bin === null)
      .map(([, , label, afterS, level, count]) => ({
        label: textOf(label),
        afterS: numberOrNull(afterS),
        level: numberOrNull(level),
        detections: numberOf(count),
      })),
    cameraLabels: cameraLabels.map(([cameraId, label, p5Ms, medianMs, p95Ms]) => ({
      cameraId: cameraId ?? null,
      label: textOf(label),
      p5Ms: numberOrNull(p5Ms),
      medianMs: numberOrNull(medianMs),
      p95Ms: numberOrNull(p95Ms),
    })),
  };
}

export function textOf(text: string | null | undefined): string {
  if (text === null || text === undefined) throw new Error("Athena returned NULL; expected a value");
  return text;
}

function engineOf(text: string | null | undefined): EngineName {
  const engine = readEngine(text);
  if (!engine)
    throw new Error(`Athena returned the engine ${textOf(text)}; expected ${ENGINES.join(" or ")}`);
  return engine;
}

/** @throws Error if the text is not a number */
export function numberOf(text: string | null | undefined): number {
  const value = Number(textOf(text));
  if (!Number.isFinite(value)) throw new Error(`Athena returned ${JSON.stringify(text)}; expected a number`);
  return value;
}

export const numberOrNull = (text: string | null | undefined): number | null =>
  text === null || text === undefined ? null : numberOf(text);
