import { errorMessage } from "../../base/errors.ts";
import { runQuery, type QueryContext } from "../../operator/athena.ts";
import type { ProfileRows } from "../../analysis/profile/profile.ts";
import { horizonOf } from "../../analysis/profile/simulation.ts";
import * as questions from "../../report/questions.ts";
import type { AskedSql } from "../../report/sections.ts";
import type { LakeExtent } from "../../report/page.ts";

type Texts = readonly (string | null)[];

/** The lake's answers, and how each was asked. */
export interface LakeAnswers {
  readonly rows: ProfileRows;
  readonly sql: Omit<AskedSql, "evidence">;
}

/** Asks the lake, and adds up what Athena scanned for it. */
export class Lake {
  readonly #context: QueryContext;
  readonly #onProgress: (text: string) => void;
  /** Nothing goes on being asked, and paid for, once a question has failed. */
  readonly #failed = new AbortController();
  readonly #signal: AbortSignal;
  scannedBytes = 0;

  constructor(context: QueryContext, onProgress: (text: string) => void, signal: AbortSignal) {
    this.#context = context;
    this.#onProgress = onProgress;
    this.#signal = AbortSignal.any([signal, this.#failed.signal]);
  }

  /** @throws Error that says which question failed, with Athena's own words; the signal's reason once it aborts */
  async ask(name: string, sql: string): Promise<readonly Texts[]> {
    this.#signal.throwIfAborted();
    this.#onProgress(`asking for ${name}`);
    try {
      const { rows, scannedBytes } = await runQuery(sql, this.#context, { signal: this.#signal });
      this.scannedBytes += scannedBytes;
      return rows;
    } catch (error) {
      this.#signal.throwIfAborted();
      const reason = errorMessage(error);
      const failure = new Error(`the question about ${name} failed: ${reason}`, { cause: error });
      this.#failed.abort(failure);
      throw failure;
    }
  }

  /** The days that have anything, whatever time was asked about. */
  async extent(asked: questions.Asked): Promise<LakeExtent | undefined> {
    const [row] = await this.ask("the days there are", questions.extentSql(asked));
    const [firstDay, lastDay] = row ?? [];
    return firstDay && lastDay ? { firstDay, lastDay } : undefined;
  }
}

/**
 * Two questions at a time: while one is planned and another's answer is read, the local cloud's processors have something
 * to do, and an account's quota of queries hardly notices.
 */
export async function askLake(lake: Lake, asked: questions.Asked): Promise<LakeAnswers> {
  const cameras = questions.camerasSql(asked);
  const profiled = await lake.ask("cameras", cameras);
  const cameraIds = profiled.map(([cameraId]) => textOf(cameraId));
  const sql = {
    cameras,
    sessions: questions.sessionsSql(asked, cameraIds),
    seeing: questions.seeingSql(asked, cameraIds),
    detections: questions.detectionsSql(asked, cameraIds),
    cameraLabels: questions.cameraLabelsSql(asked, cameraIds),
    motions: questions.motionsSql(asked),
  };
  const [simulated, seen] = await Promise.all([
    askOfMotions(lake, asked, sql.motions),
    askOfSessions(lake, sql),
  ]);
  return {
    rows: { cameras: numberOf(profiled[0]?.[1] ?? "0"), ...simulated.rows, ...seen },
    sql: { ...sql, firstSights: simulated.firstSightsSql },
  };
}

/** First sights are those of the motions that reach the horizon, so motions are asked about first. */
async function askOfMotions(
  lake: Lake,
  asked: questions.Asked,
  sql: string,
): Promise<{ rows: Pick<ProfileRows, "motions" | "firstSights">; firstSightsSql: string }> {
  const motions = (await lake.ask("motions", sql)).map(([reachS, lastedS, count, lastedMs]) => ({
    reachS: numberOf(reachS),
    lastedS: numberOf(lastedS),
    motions: numberOf(count),
    lastedMs: numberOf(lastedMs),
  }));
  const firstSightsSql = questions.firstSightsSql(asked, horizonOf(motions).horizonS);
  const firstSights = (await lake.ask("first sights", firstSightsSql)).map(
    ([label, level, afterS, count]) => ({
      label: textOf(label),
      level: numberOf(level),
      afterS: numberOf(afterS),
      firstSights: numberOf(count),
    }),
  );
  return { rows: { motions, firstSights }, firstSightsSql };
}

async function askOfSessions(
  lake: Lake,
  sql: Pick<AskedSql, "sessions" | "detections" | "seeing" | "cameraLabels">,
): Promise<Omit<ProfileRows, "cameras" | "motions" | "firstSights">> {
  const ended = (await lake.ask("sessions", sql.sessions)).map(
    ([cameraId, bin, outcome, reason, sessions, analysedMs, stretches, durationMs]) => ({
      cameraId: cameraId ?? null,
      bin: textOf(bin),
      outcome: textOf(outcome),
      reason: reason ?? null,
      sessions: numberOf(sessions),
      analysedMs: numberOf(analysedMs),
      stretches: numberOf(stretches),
      durationMs: numberOf(durationMs),
    }),
  );
  // Counted twice: what has a bin is activity, what has none tells of times and confidence.
  const seen = await lake.ask("detections", sql.detections);
  const seeing = await lake.ask("sessions with detections", sql.seeing);
  const cameraLabels = await lake.ask("cameras' times to detection", sql.cameraLabels);
  return {
    sessions: ended.filter(({ outcome }) => outcome !== "gap"),
    coverage: ended.filter(({ stretches }) => stretches > 0),
    seeing: seeing.map(([cameraId, bin, count]) => ({
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
  if (text === null || text === undefined) throw new Error("Athena answered NULL where there is none");
  return text;
}

/** @throws Error for what is no number */
export function numberOf(text: string | null | undefined): number {
  const value = Number(textOf(text));
  if (!Number.isFinite(value)) throw new Error(`Athena answered ${JSON.stringify(text)}; expected a number`);
  return value;
}

export const numberOrNull = (text: string | null | undefined): number | null =>
  text === null || text === undefined ? null : numberOf(text);
