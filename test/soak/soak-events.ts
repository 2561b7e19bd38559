import type { Random } from "../../base/random.ts";
import { HOUR_MS } from "../../base/durations.ts";
import { detection, sessionEnd } from "../local/failures/breakable-stack.ts";

/** A message that is published, at least once. */
export interface SoakEvent {
  readonly id: string;
  readonly kind: "detection" | "end" | "unreadable";
  readonly text: string;
}

/** Detections of a camera, as of one motion: few, since two in one millisecond could look like copies, which the view shows once. */
const EVENTS_OF_CAMERA = 100;
const ENDS = 0.15;
const UNREADABLE = 0.01;
const REPEATED = 0.03;
/** How far from its place a message may be published. */
const REORDERED_WITHIN = 200;

const cameraOf = (index: number): string => `seen-${Math.floor(index / EVENTS_OF_CAMERA)}`;

/** Notifications of both kinds, and some that nothing can read; the same for the same random numbers. */
export function soakEvents(count: number, random: Random, nowMs: number): SoakEvent[] {
  return Array.from({ length: count }, (_, index) => {
    const drawn = random();
    const atMs = Math.round(nowMs - HOUR_MS + (random() * 59 * HOUR_MS) / 60);
    if (drawn < UNREADABLE) {
      const id = `unreadable-${index}`;
      return { id, kind: "unreadable", text: JSON.stringify({ soak: id, labels: "none" }) };
    }
    if (drawn < UNREADABLE + ENDS) {
      const id = `end-${index}`;
      return { id, kind: "end", text: JSON.stringify(sessionEnd(id, `soak-ends-${index % 20}`, atMs)) };
    }
    const id = `detection-${index}`;
    return { id, kind: "detection", text: JSON.stringify(detection(id, atMs, cameraOf(index))) };
  });
}

/** The order in which events are published: shuffled within a window, some of them twice. */
export function deliveryOrder(events: readonly SoakEvent[], random: Random): SoakEvent[] {
  return events
    .flatMap((event) => (random() < REPEATED ? [event, event] : [event]))
    .map((event, index) => ({ event, place: index + random() * REORDERED_WITHIN }))
    .toSorted((one, other) => one.place - other.place)
    .map(({ event }) => event);
}
