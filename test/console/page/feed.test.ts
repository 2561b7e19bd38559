import { describe, expect, test } from "@jest/globals";
import {
  clipOf,
  coverOf,
  labelsOf,
  newIn,
  reviewNote,
  withEarlier,
  withFirstPage,
} from "../../../console/page/activity/feed.ts";
import type { Chain, Chains, Detection } from "../../../schemas/console/chains.ts";

const chain = (startedAtMs: number, more: Partial<Chain> = {}): Chain => ({
  chainId: `front-door.${startedAtMs}`,
  cameraId: "front-door",
  startedAtMs,
  sessions: 1,
  detections: [],
  detectionCount: 0,
  persons: [],
  unknownFaces: 0,
  isReviewed: false,
  isSynthetic: false,
  ...more,
});
const page = (...begins: number[]): Chains => ({ chains: begins.map((ms) => chain(ms)) });
const begins = ({ chains }: { readonly chains: readonly Chain[] }): number[] =>
  chains.map(({ startedAtMs }) => startedAtMs);
const detection = (label: string, detectedAtMs: number, more: Partial<Detection> = {}): Detection => ({
  label,
  confidence: 90,
  box: null,
  detectedAtMs,
  ...more,
});

describe("the feed of activity", () => {
  test("continues with a page of earlier chains, each once", () => {
    const feed = withFirstPage(undefined, { ...page(50, 40), next: "front-door.40" });
    const longer = withEarlier(feed, { ...page(40, 30), next: "front-door.30" });
    expect(begins(longer)).toEqual([50, 40, 30]);
    expect(longer.next).toBe("front-door.30");
  });

  test("keeps earlier pages when its first page is read again", () => {
    const first = withFirstPage(undefined, { ...page(50, 40), next: "front-door.40" });
    const feed = withEarlier(first, { ...page(30, 20), next: "front-door.20" });
    const again = withFirstPage(feed, { ...page(60, 50), next: "front-door.50" });
    expect(begins(again)).toEqual([60, 50, 40, 30, 20]);
    expect(again.next).toBe("front-door.20");
  });

  test("drops chains that the first page spans and no longer has", () => {
    const feed = withFirstPage(undefined, { ...page(50, 40, 30), next: "front-door.30" });
    expect(begins(withFirstPage(feed, { ...page(50, 30), next: "front-door.30" }))).toEqual([50, 30]);
  });

  test("shows what changed in a chain", () => {
    const feed = withFirstPage(undefined, { ...page(50, 40), next: "front-door.40" });
    const changed: Chains = { chains: [chain(50, { isReviewed: true })], next: "front-door.50" };
    expect(withFirstPage(feed, changed).chains[0]!.isReviewed).toBe(true);
  });

  test("begins anew when more is new than a page has", () => {
    const feed = withFirstPage(undefined, { ...page(50, 40), next: "front-door.40" });
    expect(withFirstPage(feed, { ...page(90, 80), next: "front-door.80" })).toMatchObject({
      next: "front-door.80",
      chains: [{ startedAtMs: 90 }, { startedAtMs: 80 }],
    });
  });

  test("is the page alone when the page is the last one", () => {
    const feed = withFirstPage(undefined, { ...page(50, 40), next: "front-door.40" });
    expect(begins(withFirstPage(feed, page(60)))).toEqual([60]);
    expect(begins(withFirstPage(feed, page()))).toEqual([]);
  });

  test("calls chains new that are later than all that it had", () => {
    const before = withFirstPage(undefined, page(50, 40));
    expect(newIn(undefined, before)).toEqual([]);
    expect(newIn(before, withFirstPage(before, page(60, 50, 45, 40))).map(({ startedAtMs }) => startedAtMs)).toEqual([60]); // prettier-ignore
  });
});

describe("a chain's card", () => {
  test("shows the detection that is the largest in its picture", () => {
    const of = (width: number) => ({ box: { left: 0, top: 0, width, height: 0.5 } });
    const detections = [
      detection("PERSON", 1, of(0.9)),
      detection("PET", 2, { frame: "/api/pictures/a", ...of(0.1) }),
      detection("PERSON", 3, { frame: "/api/pictures/b", ...of(0.4) }),
      detection("PERSON", 4, { frame: "/api/pictures/c", ...of(0.4) }),
    ];
    expect(coverOf({ detections })).toBe(detections[2]);
    expect(coverOf({ detections: detections.slice(0, 1) })).toBe(detections[0]);
    expect(coverOf({ detections: [] })).toBeUndefined();
  });

  test("lists each label once, with its highest confidence, the surest first", () => {
    const detections = [
      detection("PET", 1, { confidence: 60 }),
      detection("PERSON", 2, { confidence: 80 }),
      detection("PET", 3, { confidence: 95 }),
      detection("PACKAGE", 4, { confidence: null }),
    ];
    expect(labelsOf(detections)).toEqual([
      { label: "PET", confidence: 95, count: 2 },
      { label: "PERSON", confidence: 80, count: 1 },
      { label: "PACKAGE", confidence: undefined, count: 1 },
    ]);
  });
});

describe("a chain's clip", () => {
  const detections = [detection("PERSON", 110_000)];

  test("begins 3 seconds before the detection and ends 5 seconds after the chain", () => {
    expect(clipOf({ startedAtMs: 100_000, endedAtMs: 130_000, detections }, 110_000)).toEqual({
      fromMs: 107_000,
      toMs: 135_000,
    });
  });

  test("does not begin before the chain", () => {
    expect(clipOf({ startedAtMs: 109_000, endedAtMs: 130_000, detections }, 110_000).fromMs).toBe(109_000);
  });

  test("is two minutes long at most", () => {
    const { fromMs, toMs } = clipOf({ startedAtMs: 0, endedAtMs: 3_600_000, detections }, 110_000);
    expect(toMs - fromMs).toBe(120_000);
  });

  test("reaches beyond the last detection while the chain is running", () => {
    expect(clipOf({ startedAtMs: 100_000, detections }, 110_000).toMs).toBe(115_000);
  });
});

test("the note says how many of the motions shown are to review", () => {
  const [open, reviewed] = [chain(1), chain(2, { isReviewed: true })];
  const notes = [[], [reviewed], [open], [open, reviewed, open]].map((chains) => reviewNote({ chains }));
  expect(notes).toEqual([undefined, "all reviewed", "1 of 1 to review", "2 of 3 to review"]);
});
