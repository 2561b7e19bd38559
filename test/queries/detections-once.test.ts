import { afterAll, beforeAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import { QueryLake, type Message } from "./lake.ts";
import { detected } from "./messages.ts";

const LABELS = ["PERSON", "PET"] as const;
const BEGINS_MS = Date.UTC(2026, 2, 2, 10);
const DAY_MS = 86_400_000;
const iso = (ms: number): string => new Date(ms).toISOString();

/** A notification of a camera, and when each of its copies arrived. Few values, so that many are the same. */
interface Notification {
  readonly labels: readonly {
    readonly label: (typeof LABELS)[number];
    readonly ms: number;
    readonly fragment: number;
  }[];
  readonly arrivals: readonly number[];
  /** How many of the copies, those that arrived first, an earlier version wrote. */
  readonly old: number;
}

const notification: fc.Arbitrary<Notification> = fc.record({
  labels: fc.array(fc.record({ label: fc.constantFrom(...LABELS), ms: fc.nat(1), fragment: fc.nat(1) }), {
    minLength: 1,
    maxLength: 3,
  }),
  arrivals: fc.array(fc.constantFrom(0, 1, 2, 3 * DAY_MS), { minLength: 1, maxLength: 4 }),
  old: fc.nat(2),
});
/** The notifications of each camera. */
const cameras: readonly (readonly Notification[])[] = fc.sample(
  fc.array(notification, { minLength: 1, maxLength: 4 }),
  { numRuns: 300, seed: 1 },
);

const eventId = (camera: number, index: number): string => `e${camera}-${index}`;

/** The copies of a notification, the first to arrive first. */
function copiesOf(camera: number, index: number, { labels, arrivals, old }: Notification) {
  return arrivals
    .toSorted((a, b) => a - b)
    .map((arrival, copy, all) => {
      // An earlier version wrote nothing at the time of a later one, or after it.
      const isOld = copy < old && all.lastIndexOf(arrival) < old;
      const message = detected(
        eventId(camera, index),
        { id: `s${index}`, camera: `c${camera}`, from: iso(BEGINS_MS) },
        labels.map(({ label, ms }) => ({ label, at: iso(BEGINS_MS + ms) })),
        iso(BEGINS_MS + 60_000 + arrival),
      );
      const body = message.body as { labels: { videoMapping: { kinesisVideoMapping: object } }[] };
      for (const [number, { fragment, ms }] of labels.entries())
        Object.assign(body.labels[number]!.videoMapping.kinesisVideoMapping, {
          fragmentNumber: String(100 + fragment),
          serverTimestamp: BEGINS_MS + 5000 + fragment,
          producerTimestamp: BEGINS_MS + ms - 400 * fragment,
          frameOffsetMillis: 400 * fragment,
        });
      return { message, isOld, arrival };
    });
}

let lake: QueryLake;
beforeAll(async () => {
  lake = await QueryLake.start();
  const files = { old: [[], [], []], new: [[], [], []] } as Record<
    "old" | "new",
    [Message[], Message[], Message[]]
  >;
  let count = 0;
  for (const [camera, notifications] of cameras.entries())
    for (const [index, one] of notifications.entries())
      for (const { message, isOld } of copiesOf(camera, index, one))
        files[isOld ? "old" : "new"][++count % 3]!.push(message);
  for (const file of files.old) await lake.deliver(file.toReversed(), "row-per-label");
  for (const file of files.new) await lake.deliver(file.toReversed());
});
afterAll(() => lake.stop());

test("each label of a frame is shown once, of one notification that arrived first, whatever arrived again and when", async () => {
  const { rows } = await lake.run(
    "SELECT camera_id, label, detected_at_ms, fragment_number, label_id, received_at_ms FROM detections",
  );
  const shown = Map.groupBy(rows, ([camera, label, ms, fragment]) => [camera, label, ms, fragment].join());
  let frames = 0;
  for (const [camera, notifications] of cameras.entries()) {
    /** Of each label in a frame: the notifications that have it, with their first arrival and its ids. */
    const expected = new Map<string, { arrivedAtMs: number; labelIds: string[] }[]>();
    for (const [index, one] of notifications.entries()) {
      const arrivedAtMs = BEGINS_MS + 60_000 + Math.min(...one.arrivals);
      const labels = one.labels.map(({ label, ms, fragment }, number) => ({
        frame: [`c${camera}`, label, BEGINS_MS + ms, 100 + fragment].join(),
        id: `${eventId(camera, index)}-${number}`,
      }));
      for (const [frame, found] of Map.groupBy(labels, (label) => label.frame))
        expected.set(frame, [
          ...(expected.get(frame) ?? []),
          { arrivedAtMs, labelIds: found.map(({ id }) => id) },
        ]);
    }
    for (const [frame, candidates] of expected) {
      frames++;
      const first = Math.min(...candidates.map(({ arrivedAtMs }) => arrivedAtMs));
      const found = shown.get(frame) ?? [];
      expect(found.map(([, , , , , receivedAtMs]) => receivedAtMs)).toEqual(found.map(() => String(first)));
      expect(
        candidates
          .filter(({ arrivedAtMs }) => arrivedAtMs === first)
          .map(({ labelIds }) => labelIds.toSorted()),
      ).toContainEqual(found.map(([, , , , labelId]) => labelId!).toSorted());
    }
  }
  expect(shown.size).toBe(frames);
});
