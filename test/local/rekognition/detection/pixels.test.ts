import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { confirmedBy } from "../../../../local/rekognition/detection/confirm.ts";
import type { Box, Frame } from "../../../../local/rekognition/detection/detector.ts";
import type { ModelObject } from "../../../../local/rekognition/detection/model/messages.ts";
import { intersectionOverUnion, strongest } from "../../../../local/rekognition/detection/model/overlap.ts";
import { pixels } from "../../../../local/rekognition/detection/pixels.ts";

const [PERSON, CAR, CAT, DOG] = [1, 3, 17, 18] as const;
const BOX: Box = { left: 0.25, top: 0.25, width: 0.25, height: 0.5 };

const object = (classId: number, score = 0.75, box = BOX): ModelObject => ({ classId, score, box });

const box = fc
  .record({
    left: fc.double({ min: 0, max: 0.9, noNaN: true }),
    top: fc.double({ min: 0, max: 0.9, noNaN: true }),
    right: fc.double({ min: 0.01, max: 1, noNaN: true }),
    bottom: fc.double({ min: 0.01, max: 1, noNaN: true }),
  })
  .map(({ left, top, right, bottom }) => ({
    left,
    top,
    width: (1 - left) * right,
    height: (1 - top) * bottom,
  }));

describe("two pictures in a row", () => {
  test("make a detection of a class that both show, with the box and the score of the second", () => {
    const later = { left: 0.5, top: 0.25, width: 0.25, height: 0.5 };
    expect(confirmedBy([object(PERSON, 0.5)], [object(PERSON, 0.625, later)])).toEqual([
      { label: "PERSON", confidence: 62.5, box: later },
    ]);
  });

  test("make none of a class that one of them shows, or shows weakly", () => {
    expect(confirmedBy([], [object(PERSON)])).toEqual([]);
    expect(confirmedBy([object(PERSON)], [])).toEqual([]);
    expect(confirmedBy([object(PERSON, 0.49)], [object(PERSON)])).toEqual([]);
    expect(confirmedBy([object(PERSON)], [object(CAT)])).toEqual([]);
  });

  test("count a cat and a dog as PET, and nothing else of the model as a label", () => {
    expect(confirmedBy([object(CAT)], [object(DOG)])).toMatchObject([{ label: "PET" }]);
    expect(confirmedBy([object(CAR)], [object(CAR)])).toEqual([]);
  });
});

describe("overlapping boxes", () => {
  test("share all of their area with themselves, the same both ways, and none when apart", () => {
    fc.assert(
      fc.property(box, box, (a, b) => {
        expect(intersectionOverUnion(a, a)).toBeCloseTo(1, 9);
        expect(intersectionOverUnion(a, b)).toBeCloseTo(intersectionOverUnion(b, a), 9);
        expect(intersectionOverUnion(a, b)).toBeLessThanOrEqual(1 + 1e-9);
        expect(intersectionOverUnion(a, { ...b, left: b.left + 2 })).toBe(0);
      }),
    );
  });

  test("are one object, of the class with the highest score", () => {
    expect(strongest([object(CAT, 0.54), object(PERSON, 0.69), object(PERSON, 0.42)])).toEqual([
      object(PERSON, 0.69),
    ]);
  });

  test("leave one object at every place that had one", () => {
    const objects = fc.array(
      fc.record({
        classId: fc.integer({ min: 1, max: 90 }),
        score: fc.double({ min: 0.3, max: 1, noNaN: true }),
        box,
      }),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(objects, (given) => {
        const kept = strongest(given);
        for (const one of given)
          expect(kept.some((other) => intersectionOverUnion(other.box, one.box) > 0.5 || other === one)).toBe(
            true,
          );
        for (const [index, one] of kept.entries())
          for (const other of kept.slice(index + 1))
            expect(intersectionOverUnion(one.box, other.box)).toBeLessThanOrEqual(0.5);
      }),
    );
  });
});

describe("a video without labels", () => {
  const START_MS = 1_700_000_000_000;

  /** A dark yard; a bright parcel lies in it from `parcelFromMs` on. */
  function frameAt(offsetMs: number, parcelFromMs = Infinity): Frame {
    const [width, height] = [160, 90];
    const rgba = new Uint8Array(width * height * 4).fill(60);
    if (offsetMs >= parcelFromMs)
      for (let y = 60; y < 76; y++) rgba.fill(220, (y * width + 100) * 4, (y * width + 116) * 4);
    return { rgba, width, height, offsetMs, producerTimestampMs: START_MS + offsetMs };
  }
  const PARCEL: Box = { left: 100 / 160, top: 60 / 90, width: 16 / 160, height: 16 / 90 };

  /** Plays a video at 5 frames a second. @returns what is detected, and when the model looked */
  async function play(seconds: number, seenAt: (offsetMs: number) => ModelObject[], parcelFromMs?: number) {
    const looks: number[] = [];
    const detector = pixels((frame) => {
      looks.push(frame.offsetMs);
      return Promise.resolve(seenAt(frame.offsetMs));
    });
    const detected: string[] = [];
    for (let offsetMs = 0; offsetMs < seconds * 1000; offsetMs += 200)
      for (const { label } of await detector.detect(frameAt(offsetMs, parcelFromMs)))
        detected.push(`${label} ${offsetMs}`);
    return { looks, detected };
  }

  test("is looked at every 400 ms while nothing is there", async () => {
    expect(await play(2, () => [])).toEqual({ looks: [0, 400, 800, 1200, 1600], detected: [] });
  });

  test("is looked at again after 200 ms when something appears, which confirms it", async () => {
    const { looks, detected } = await play(2, (ms) => (ms >= 500 ? [object(PERSON)] : []));
    expect(looks).toEqual([0, 400, 800, 1000, 1400, 1800]);
    expect(detected).toEqual(["PERSON 1000", "PERSON 1400", "PERSON 1800"]);
  });

  test("shows a PACKAGE where something came and lies still", async () => {
    const { detected } = await play(5, () => [], 1000);
    expect(detected[0]).toBe("PACKAGE 3800");
  });

  test("shows none where the model knows what lies there", async () => {
    const { detected } = await play(5, () => [object(CAR, 0.4, PARCEL)], 1000);
    expect(detected).toEqual([]);
  });
});
