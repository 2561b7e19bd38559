import { describe, expect, test } from "@jest/globals";
import { lookForPackage, type LookParts } from "../../../engines/frames/look.ts";
import type { ReceivedFragment } from "../../../schemas/fragment.ts";
import type { Camera } from "../../../schemas/camera.ts";
import type { MomentImage, NamedLabels } from "../../../schemas/images.ts";

const NOW_MS = 1_763_700_000_000;
const JPEG = new Uint8Array([0xff, 0xd8]);
const camera = {
  cameraId: "porch",
  streamName: "stream-of-porch",
  labels: { PERSON: 80, PACKAGE: 70 },
  regionsOfInterest: [],
} as unknown as Camera;

const box = { left: 0.1, top: 0.1, width: 0.2, height: 0.2 };
const named = (name: string, confidence: number): NamedLabels => ({
  kind: "labels",
  labels: [{ name, confidence, instances: [{ confidence, box }] }],
});
const fragment = (startMs: number, durationMs = 2000): ReceivedFragment => ({
  number: String(startMs),
  startMs,
  serverMs: startMs,
  durationMs,
  sizeBytes: 1,
});

interface World extends LookParts {
  readonly imagesAt: number[];
  readonly sleeps: number[];
}

/** A stream with an image everywhere that shows a package, unless a part says otherwise. */
function world(parts: Partial<LookParts> = {}): World {
  const imagesAt: number[] = [];
  const sleeps: number[] = [];
  return {
    imagesAt,
    sleeps,
    now: () => NOW_MS,
    fragments: () => async () => [fragment(NOW_MS - 4000), fragment(NOW_MS - 2000), fragment(NOW_MS - 6000)],
    takeCall: async () => true,
    detectLabels: async () => named("Carton", 71),
    sleep: async (ms) => void sleeps.push(ms),
    ...parts,
    imageAt: async (streamName, atMs) => {
      imagesAt.push(atMs);
      return await (parts.imageAt?.(streamName, atMs) ??
        Promise.resolve<MomentImage>({ kind: "image", jpeg: JPEG, atMs }));
    },
  };
}

const look = (parts: LookParts, fromMs = NOW_MS - 3000, of = camera) => lookForPackage(parts, of, fromMs);

describe("a look for a package", () => {
  test("is at the end of the latest video, whatever the order of the fragments", async () => {
    const parts = world();
    expect(await look(parts)).toEqual({ kind: "package", atMs: NOW_MS - 200 });
    expect(parts.imagesAt).toEqual([NOW_MS - 200]);
  });

  test("shows none when no label that stands for a package reaches the camera's confidence", async () => {
    for (const labels of [named("Carton", 69), named("Person", 99), { kind: "labels", labels: [] } as const])
      expect(await look(world({ detectLabels: async () => labels }))).toEqual({
        kind: "no-package",
        atMs: NOW_MS - 200,
      });
  });

  test("asks for the names of packages alone, with the camera's confidence", async () => {
    const asked: unknown[] = [];
    const detectLabels: LookParts["detectLabels"] = async (_, ...rest) => {
      asked.push(rest);
      return named("Box", 90);
    };
    await look(world({ detectLabels }));
    await look(world({ detectLabels }), NOW_MS - 3000, { ...camera, labels: { PERSON: 90 } });
    const names = ["Package", "Cardboard", "Carton", "Box", "Package Delivery"];
    expect(asked).toEqual([
      [names, 70],
      [names, 50],
    ]);
  });

  test("sees no package outside of the camera's regions", async () => {
    const region = { box: { left: 0.5, top: 0.5, width: 0.5, height: 0.5 } };
    expect(await look(world(), NOW_MS - 3000, { ...camera, regionsOfInterest: [region] })).toMatchObject({
      kind: "no-package",
    });
  });

  test("takes the begin of the last fragment when there is no image near its end", async () => {
    const imageAt: LookParts["imageAt"] = async (_, atMs) =>
      atMs === NOW_MS - 2000 ? { kind: "image", jpeg: JPEG, atMs } : { kind: "no-video" };
    const parts = world({ imageAt });
    expect(await look(parts)).toEqual({ kind: "package", atMs: NOW_MS - 2000 });
    expect(parts.imagesAt).toEqual([NOW_MS - 200, NOW_MS - 2000]);
  });

  test("takes nothing that is before the moment", async () => {
    const without = { kind: "unknown", reason: "the stream has no video of that time" };
    const parts = world({ imageAt: async () => ({ kind: "no-video" }) });
    expect(await look(parts, NOW_MS - 1000)).toEqual(without);
    expect(parts.imagesAt).toEqual([NOW_MS - 200]);
    const late = world();
    expect(await look(late, NOW_MS)).toEqual(without);
    expect(late.imagesAt).toEqual([]);
    const inside = world();
    expect(await look(inside, NOW_MS - 100)).toEqual({ kind: "package", atMs: NOW_MS - 100 });
    expect(await look(world({ fragments: () => async () => [] }))).toEqual(without);
  });

  test("makes a throttled call three times, a second apart, and then knows nothing", async () => {
    const throttled = { kind: "throttled" } as const;
    const refusing: Partial<LookParts>[] = [
      { imageAt: async () => throttled },
      { takeCall: async () => false },
      { detectLabels: async () => throttled },
      {
        fragments: () => async () => {
          throw Object.assign(new Error("too fast"), { name: "ClientLimitExceededException" });
        },
      },
    ];
    for (const parts of refusing) {
      const given = world(parts);
      expect(await look(given)).toEqual({ kind: "unknown", reason: "a call was throttled 3 times" });
      expect(given.sleeps).toEqual([1000, 1000]);
    }
    let calls = 0;
    const once = world({ takeCall: async () => ++calls > 1 });
    expect(await look(once)).toMatchObject({ kind: "package" });
    expect(once.sleeps).toEqual([1000]);
  });

  test("knows nothing, with the reason, where AWS refuses a call", async () => {
    const reason = "no permission";
    const response = (status: number) => ({
      fragments: () => async () => {
        const $metadata = { httpStatusCode: status };
        throw Object.assign(new Error("gone"), { name: "ResourceNotFoundException", $metadata });
      },
    });
    expect(await look(world({ imageAt: async () => ({ kind: "refused", reason }) }))).toEqual({
      kind: "unknown",
      reason,
    });
    expect(await look(world({ detectLabels: async () => ({ kind: "unreadable", reason }) }))).toEqual({
      kind: "unknown",
      reason,
    });
    expect(await look(world(response(404)))).toEqual({
      kind: "unknown",
      reason: "ListFragments of the stream stream-of-porch: ResourceNotFoundException: gone",
    });
    await expect(look(world(response(500)))).rejects.toThrow("gone");
  });
});
