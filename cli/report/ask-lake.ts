import { runQuery, type QueryContext } from "../../aws/athena.ts";
import type { ProfileRows } from "../../core/profile.ts";
import { horizonOf } from "../../core/profile-simulation.ts";
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
  scannedBytes = 0;

  constructor(context: QueryContext, onProgress: (text: string) => void) {
    this.#context = context;
    this.#onProgress = onProgress;
  }

  /** @throws Error that says which question failed, with Athena's own words */
  async ask(name: string, sql: string): Promise<readonly Texts[]> {
    this.#onProgress(`asking for ${name}`);
    try {
      const { rows, scannedBytes } = await runQuery(sql, this.#context);
      this.scannedBytes += scannedBytes;
      return rows;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`the question about ${name} failed: ${reason}`, { cause: error });
    }
  }

  /** The days that have anything, whatever time was asked about. */
  async extent(asked: questions.Asked): Promise<LakeExtent | undefined> {
    const [row] = await this.ask("the days there are", questions.extentSql(asked));
    const [firstDay, lastDay] = row ?? [];
    return firstDay && lastDay ? { firstDay, lastDay } : undefined;
  }
}

/** One question after the other: each has the whole of the local cloud's memory, and of the account's small quota. */
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
  const motions = (await lake.ask("motions", sql.motions)).map(([reachS, lastedS, count, lastedMs]) => ({
    reachS: numberOf(reachS),
    lastedS: numberOf(lastedS),
    motions: numberOf(count),
    lastedMs: numberOf(lastedMs),
  }));
  const firstSights = questions.firstSightsSql(asked, horizonOf(motions).horizonS);
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
  const rows: ProfileRows = {
    cameras: numberOf(profiled[0]?.[1] ?? "0"),
    motions,
    firstSights: (await lake.ask("first sights", firstSights)).map(
      ([label, afterS, above, level, count]) => ({
        label: textOf(label),
        afterS: numberOf(afterS),
        aboveLevel: numberOf(above),
        level: numberOf(level),
        firstSights: numberOf(count),
      }),
    ),
    sessions: ended.filter(({ outcome }) => outcome !== "gap"),
    seeing: (await lake.ask("sessions with detections", sql.seeing)).map(([cameraId, bin, count]) => ({
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
    cameraLabels: (await lake.ask("cameras' times to detection", sql.cameraLabels)).map(
      ([cameraId, label, p5Ms, medianMs, p95Ms]) => ({
        cameraId: cameraId ?? null,
        label: textOf(label),
        p5Ms: numberOrNull(p5Ms),
        medianMs: numberOrNull(medianMs),
        p95Ms: numberOrNull(p95Ms),
      }),
    ),
    coverage: ended.filter(({ stretches }) => stretches > 0),
  };
  return { rows, sql: { ...sql, firstSights } };
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
