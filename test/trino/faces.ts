import { personOf, seen } from "../queries/messages.ts";
import type { Message } from "../queries/lake.ts";

const DAY_MS = 86_400_000;

/** Somebody who is forgotten, and somebody who is merged into the first person, after their rows are in files. */
const [CY, DEE] = [personOf(3), personOf(4)];
export const FORGOTTEN: ReadonlySet<string> = new Set([CY]);
export const MERGED: ReadonlyMap<string, string> = new Map([[DEE, personOf(1)]]);
/** Unknown faces before this hour of the first day are swept. */
export const SWEPT_UNTIL_HOUR = "11";

/**
 * Faces of the two days before `todayMs`: two persons at once, gaps of exactly a minute and of a millisecond more, a copy
 * with another person and one that arrived late, a visit and an unknown one across midnight, faces of both engines, unknown
 * ones and one that was not searched. Those who are forgotten, merged or swept later are in some of the files, and in one that holds
 * nobody else.
 */
export function faces(todayMs: number): Message[] {
  const one = (
    day: number,
    time: string,
    face: Parameters<typeof seen>[2] = {},
    { camera = "door", lateMs = 2000 }: { camera?: string; lateMs?: number } = {},
  ) => {
    const atMs = todayMs + day * DAY_MS + Date.parse(`1970-01-01T${time}Z`);
    const at = (ms: number) => new Date(ms).toISOString();
    return seen(camera, at(atMs), face, at(atMs + lateMs));
  };
  const ann = { personId: personOf(1), similarity: 95.5 };
  const ben = { personId: personOf(2), similarity: 99 };
  const cy = { personId: CY, similarity: 91.5 };
  const dee = { personId: DEE, similarity: 98.125 };
  return [
    one(-1, "07:00:00.000", cy),
    one(-1, "08:00:30.000", cy),
    one(-1, "08:00:30.000", { faceNo: 1 }),
    one(-1, "00:00:50.000", dee),
    one(-2, "10:00:00.000", dee, { camera: "hall" }),
    one(-2, "10:00:05.000", {}, { camera: "hall" }),
    one(-2, "10:00:10.000", ben, { camera: "hall" }),
    one(-1, "08:00:00.000", ann),
    one(-1, "08:00:00.000", ben, { lateMs: 7_200_000 }),
    one(-1, "08:00:00.000", { ...ben, faceNo: 1 }),
    one(-1, "08:01:00.000", { ...ann, similarity: 97.25, engine: "face-search" }),
    one(-1, "08:02:00.000", ann, { lateMs: 3_600_000 }),
    one(-1, "08:03:00.001", ann),
    one(-1, "08:03:30.000", ann, { camera: "hall" }),
    one(-1, "09:00:00.000"),
    one(-1, "09:00:00.000", { faceNo: 1 }),
    one(-1, "09:00:30.000", { unsearchedReason: "LOW_FACE_QUALITY" }),
    one(-1, "09:01:00.001"),
    one(-2, "23:59:20.000", ann),
    one(-2, "23:59:30.000", {}, { camera: "hall" }),
    one(-1, "00:00:20.000", ann),
    one(-1, "00:00:25.000", {}, { camera: "hall" }),
  ];
}
