import * as v from "valibot";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../base/durations.ts";
import { motionStart } from "../schemas/motion.ts";
import { UsageError } from "./command.ts";

const UNIT_MS: Readonly<Record<string, number>> = { s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };
const AGO = /^-?(\d+(?:\.\d+)?)([smhd])$/;

/** Describes the input of {@link readTime} in the help. */
export const TIME_NOTE = `A <time> is ISO 8601 with a zone (2026-11-21T10:00:00Z), epoch milliseconds, now, or an age such as 90s, 15m, 2h or 7d
(also -2h). All are producer times.`;

/**
 * Parses a point in time, to epoch milliseconds.
 * @throws UsageError that names the flag, with a hint for epoch seconds
 */
export function readTime(flag: string, text: string, nowMs: number): number {
  const [, amount, unit] = AGO.exec(text) ?? [];
  if (unit !== undefined) return Math.round(nowMs - Number(amount) * UNIT_MS[unit]!);
  if (text === "now") return nowMs;
  const parsed = v.safeParse(motionStart.entries.at, /^\d+(\.\d+)?$/.test(text) ? Number(text) : text);
  if (!parsed.success) throw new UsageError(`${flag} ${text}: ${parsed.issues[0].message}`);
  return parsed.output!;
}

/**
 * Parses a duration such as `90s`, `15m`, `24h`, `7d` or `0`, in milliseconds.
 * @throws UsageError that names the flag
 */
export function readDuration(flag: string, text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? [];
  if (text === "0") return 0;
  if (unit === undefined)
    throw new UsageError(`${flag} is ${text}; expected a duration such as 90s, 15m, 24h, 7d or 0`);
  return Math.round(Number(amount) * UNIT_MS[unit]!);
}

/** `2026-11-21T10:00:00.000Z` */
export const iso = (ms: number): string => new Date(ms).toISOString();

/** `1:02:03.4`; `0:03.4` under an hour. */
export function duration(ms: number): string {
  const tenths = Math.round(ms / 100);
  const [hours, minutes, seconds] = [
    Math.floor(tenths / 36_000),
    Math.floor(tenths / 600) % 60,
    Math.floor(tenths / 10) % 60,
  ];
  const clock = `${String(minutes).padStart(hours > 0 ? 2 : 1, "0")}:${String(seconds).padStart(2, "0")}.${tenths % 10}`;
  return hours > 0 ? `${hours}:${clock}` : clock;
}

/** `12.3 MB` */
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** `812 bytes`, `12.3 kB`, `1.2 MB`, `3.4 GB` */
export function fileSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  return bytes < 1e9 ? megabytes(bytes) : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** `no gaps`, `1 gap`, `2 gaps` */
export const counted = (count: number, noun: string): string =>
  `${count === 0 ? "no" : count} ${noun}${count === 1 ? "" : "s"}`;
