import { describe, expect, test } from "@jest/globals";
import jpeg from "jpeg-js";
import { brokenRules } from "./rules.ts";
import { BEGIN_MS, FramesWorld, type Kill, type WorldOptions } from "./world.ts";

/** Live video: fragments of two seconds, each there half a second after its end. */
const live = (fromMs: number, untilMs: number) => ({ fromMs, untilMs, fragmentMs: 2000, lateMs: 500 });

const EXPECTED = { isThrottled: false, isUnreadable: false, delayMs: 0 };

async function played(
  options: WorldOptions,
  {
    videoStartMs = 0,
    seconds = 20,
    before,
  }: { videoStartMs?: number; seconds?: number; before?: (world: FramesWorld) => void } = {},
): Promise<FramesWorld> {
  const world = new FramesWorld(options);
  world.start(videoStartMs, seconds);
  before?.(world);
  await world.play();
  return world;
}

const secondsOf = (ms: number): number => (ms - BEGIN_MS) / 1000;

/** What a session did, as far as others see it. */
const outcomeOf = (world: FramesWorld) => {
  const { frameSampling } = world.ends[0] ?? {};
  return {
    state: world.session?.state,
    samples: world.session?.samples.map(({ atMs, outcome }) => [secondsOf(atMs), outcome].join(" ")),
    labels: [
      ...new Map(
        world.labels.map(({ eventId, labels: [label] }) => {
          const { producerTimestamp, frameOffsetMillis } = label!.videoMapping.kinesisVideoMapping;
          return [eventId, `${label!.name} ${secondsOf(producerTimestamp + frameOffsetMillis)}`];
        }),
      ).values(),
    ],
    ends: new Set(world.ends.map(({ eventId }) => eventId)).size,
    analysed: frameSampling?.analysed.map(({ fromMs, untilMs }) => [secondsOf(fromMs), secondsOf(untilMs)]),
    gaps: frameSampling?.gaps.map(({ fromMs, untilMs, reason }) => [
      secondsOf(fromMs),
      secondsOf(untilMs),
      reason,
    ]),
  };
};

const person = { name: "Person", fromMs: 2500, untilMs: 60_000 };
const dog = { name: "Dog", fromMs: 9000, untilMs: 60_000 };
const LIVE: WorldOptions = { uploads: [live(0, 30_000)], visible: [person, dog] };

describe("a session that searches faces", () => {
  const FACES: WorldOptions = { ...LIVE, camera: { labels: { PERSON: 50 }, faces: true } };

  test("sends the persons of each sample and goes on to its end, also once all labels are detected", async () => {
    const world = await played(FACES);
    expect(brokenRules(world, EXPECTED)).toEqual([]);
    expect(outcomeOf(world)).toMatchObject({ labels: ["PERSON 3"], analysed: [[0, 20]], gaps: [] });
    expect(world.persons).toEqual(
      [
        [3000, "2"],
        [7000, "4"],
        [12_000, "7"],
        [17_000, "9"],
      ].map(([atMs, fragmentNumber]) => ({
        cameraId: "front-door",
        streamName: "front-door",
        streamArn: expect.stringContaining(":stream/front-door/"),
        sessionId: "session-1",
        atMs: BEGIN_MS + Number(atMs),
        fragmentNumber,
        persons: [{ left: 0.25, top: 0.25, width: 0.5, height: 0.5 }],
      })),
    );
  });

  test("detects persons whatever the labels are, and publishes none that the camera does not want", async () => {
    const world = await played({ ...FACES, camera: { labels: { PET: 50 }, faces: true } });
    expect(brokenRules(world, EXPECTED)).toEqual([]);
    expect(outcomeOf(world)).toMatchObject({ labels: ["PET 12"], analysed: [[0, 20]] });
    expect(world.persons.map(({ atMs }) => secondsOf(atMs))).toEqual([3, 7, 12, 17]);
  });

  test("sends no persons outside of the regions of interest", async () => {
    const regionsOfInterest = [{ box: { left: 0, top: 0, width: 0.4, height: 0.4 } }];
    const world = await played({ ...FACES, camera: { ...FACES.camera, regionsOfInterest } });
    expect([world.labels, world.persons, world.personsUnsent]).toEqual([[], [], 0]);
  });

  test("publishes its labels at the same time if nothing can be sent, and reports each image", async () => {
    const sent = await played(FACES);
    const world = await played({ ...FACES, trouble: { unsendable: 1 } });
    expect(brokenRules(world, EXPECTED)).toEqual([]);
    expect(outcomeOf(world)).toEqual(outcomeOf(sent));
    expect([world.persons.length, world.personsUnsent]).toEqual([0, 4]);
    expect(world.published[0]).toEqual(sent.published[0]);
  });
});

describe("a session", () => {
  test("samples live video at 0, 1, 3, 7 seconds and then every 5, and publishes what is detected first", async () => {
    const world = await played(LIVE);
    expect(brokenRules(world, EXPECTED)).toEqual([]);
    expect(outcomeOf(world)).toEqual({
      state: "ended",
      samples: ["0 image", "1 image", "3 image", "7 image", "12 image", "17 image"],
      labels: ["PERSON 3", "PET 12"],
      ends: 1,
      analysed: [[0, 20]],
      gaps: [],
    });
    expect(world.ends[0]!.frameSampling).toMatchObject({ samples: 6, longestGapMillis: 5000 });
    expect([...world.images.keys()]).toEqual([
      `front-door/session-1/${BEGIN_MS + 3000}-frame.jpg`,
      `front-door/session-1/${BEGIN_MS + 12_000}-frame.jpg`,
    ]);
  });

  test("samples recorded video without waiting, four moments in a step", async () => {
    const world = await played(
      { ...LIVE, uploads: [live(-60_000, 0)], visible: [] },
      { videoStartMs: -60_000 },
    );
    expect(brokenRules(world, EXPECTED)).toEqual([]);
    expect(outcomeOf(world)).toMatchObject({
      samples: ["-60 image", "-59 image", "-57 image", "-53 image", "-48 image", "-43 image"],
      analysed: [[-60, -40]],
      gaps: [],
    });
    expect([world.steps, world.detectedAtMs.length]).toEqual([2, 6]);
    expect(world.clock.now() - BEGIN_MS).toBeLessThan(5000);
  });

  test("samples no more once it has detected all labels, and ends with its video all the same", async () => {
    const world = await played({ ...LIVE, camera: { labels: { PERSON: 50 } } });
    expect(brokenRules(world, EXPECTED)).toEqual([]);
    expect(outcomeOf(world)).toMatchObject({
      samples: ["0 image", "1 image", "3 image"],
      analysed: [[0, 4]],
      gaps: [[4, 20, "all-detected"]],
    });
    expect(secondsOf(world.session!.dueAtMs)).toBeGreaterThanOrEqual(20);
    // Three samples and a check of each one's video before it comes, then nothing until the end.
    expect(world.steps).toBeLessThanOrEqual(9);
  });

  test("samples to the end if the camera wants that", async () => {
    const world = await played({ ...LIVE, camera: { labels: { PERSON: 50 }, whenAllDetected: "continue" } });
    expect(brokenRules(world, EXPECTED)).toEqual([]);
    expect(outcomeOf(world)).toMatchObject({ labels: ["PERSON 3"], analysed: [[0, 20]], gaps: [] });
  });

  test("publishes what one image shows in a notification for each label", async () => {
    const world = await played({
      ...LIVE,
      visible: [person, { ...dog, fromMs: 0 }, { ...dog, name: "Cat" }],
    });
    expect(outcomeOf(world).labels).toEqual(["PET 0", "PERSON 3"]);
    for (const { labels, engine } of world.labels) expect([labels.length, engine]).toEqual([1, "frames"]);
  });

  test("awaits video that comes late", async () => {
    const late = await played({ ...LIVE, uploads: [{ ...live(0, 30_000), lateMs: 15_000 }] });
    expect(brokenRules(late, EXPECTED)).toEqual([]);
    expect(outcomeOf(late)).toEqual(outcomeOf(await played(LIVE)));
  });

  test("awaits a camera whose clock is behind, as long as its video comes nearer", async () => {
    const behind = await played({ ...LIVE, uploads: [{ ...live(-60_000, 30_000), lateMs: 50_000 }] });
    expect(brokenRules(behind, EXPECTED)).toEqual([]);
    expect(outcomeOf(behind)).toEqual(outcomeOf(await played(LIVE)));
  });

  test("samples a camera whose clock is ahead as its video comes, not when our clock reaches it", async () => {
    const ahead = await played(
      { ...LIVE, uploads: [{ ...live(40_000, 90_000), lateMs: -39_500 }], visible: [] },
      { videoStartMs: 40_000 },
    );
    expect(brokenRules(ahead, EXPECTED)).toEqual([]);
    expect(outcomeOf(ahead)).toMatchObject({ analysed: [[40, 60]], gaps: [] });
    expect(ahead.clock.now() - BEGIN_MS).toBeLessThan(30_000);
  });

  test("skips a hole of the stream to its end", async () => {
    const world = await played({ ...LIVE, uploads: [live(0, 8000), live(14_400, 30_000)] });
    expect(brokenRules(world, EXPECTED)).toEqual([]);
    expect(outcomeOf(world)).toMatchObject({
      samples: ["0 image", "1 image", "3 image", "7 image", "12 no-video", "14.4 image", "19.4 image"],
      analysed: [
        [0, 8],
        [14.4, 20],
      ],
      gaps: [[8, 14.4, "no-video"]],
    });
  });

  test("takes a short pause between fragments for no hole", async () => {
    const world = await played({ ...LIVE, uploads: [live(0, 6900), live(7400, 30_000)] });
    expect(outcomeOf(world)).toMatchObject({
      samples: ["0 image", "1 image", "3 image", "7.4 image", "12.4 image", "17.4 image"],
      analysed: [[0, 20]],
      gaps: [],
    });
  });

  test("does not claim video that fills a hole later", async () => {
    const world = await played({
      ...LIVE,
      uploads: [live(0, 8000), live(14_000, 30_000), { ...live(8000, 14_000), lateMs: 6000 }],
    });
    expect(outcomeOf(world)).toMatchObject({
      analysed: [
        [0, 12],
        [14, 20],
      ],
      gaps: [[12, 14, "late"]],
    });
  });

  test("ends when the video stops, 25 seconds later", async () => {
    const world = await played({ ...LIVE, uploads: [live(0, 9000)] }, { seconds: 60 });
    expect(brokenRules(world, EXPECTED)).toEqual([]);
    expect(outcomeOf(world)).toMatchObject({
      state: "ended",
      analysed: [[0, 9]],
      gaps: [[9, 60, "no-video"]],
    });
    expect(secondsOf(world.clock.now())).toBeGreaterThanOrEqual(37);
    expect(secondsOf(world.clock.now())).toBeLessThan(45);
  });

  test("ends when no video comes at all, without a call of DetectLabels", async () => {
    const world = new FramesWorld();
    const { imageAt } = world.parts;
    let requests = 0;
    Object.assign(world.parts, {
      imageAt: (...args: Parameters<typeof imageAt>) => {
        requests++;
        return imageAt(...args);
      },
    });
    world.start(0, 60);
    await world.play();
    // One in each step.
    expect(requests).toBe(world.steps);
    expect(brokenRules(world, EXPECTED)).toEqual([]);
    expect(outcomeOf(world)).toMatchObject({ samples: [], analysed: [], gaps: [[0, 60, "no-video"]] });
    expect(world.ends[0]!.inputInformation.kinesisVideo.processedVideoDurationMillis).toBe(0);
    expect(world.callsBySecond.size).toBe(0);
  });

  test("does not claim the end of a session whose video ends before it", async () => {
    const world = await played({ ...LIVE, uploads: [live(0, 18_500)] });
    expect(brokenRules(world, EXPECTED)).toEqual([]);
    expect(outcomeOf(world)).toMatchObject({ analysed: [[0, 18.5]], gaps: [[18.5, 20, "no-video"]] });
  });

  test("counts images that cannot be decoded as sampled, but not as analysed", async () => {
    const world = await played({ ...LIVE, trouble: { unreadable: 1 } });
    expect(brokenRules(world, { ...EXPECTED, isUnreadable: true })).toEqual([]);
    expect(outcomeOf(world)).toMatchObject({ labels: [], analysed: [], gaps: [[0, 20, "unreadable"]] });
    expect(world.ends[0]!.frameSampling).toMatchObject({ samples: 0, longestGapMillis: 0 });
  });

  test("gives up an image that does not come although the stream has its fragment", async () => {
    const world = new FramesWorld({ ...LIVE, uploads: [live(0, 4000)] });
    const { imageAt } = world.parts;
    Object.assign(world.parts, {
      imageAt: async (streamName: string, atMs: number) =>
        atMs === BEGIN_MS + 1000 ? { kind: "no-video" } : await imageAt(streamName, atMs),
    });
    world.start(0, 4);
    await world.play();
    expect(outcomeOf(world)).toMatchObject({
      samples: ["0 image", "1 unreadable", "3 image"],
      gaps: [[1, 3, "unreadable"]],
    });
  });
});

describe("an image", () => {
  test("that comes between the first call and the list of fragments is requested again at once", async () => {
    const world = new FramesWorld({ ...LIVE, uploads: [live(-30_000, 0)], visible: [] });
    const { imageAt } = world.parts;
    const requested: number[] = [];
    Object.assign(world.parts, {
      imageAt: async (streamName: string, atMs: number) => {
        requested.push(secondsOf(atMs));
        return requested.length === 1 ? { kind: "no-video" } : await imageAt(streamName, atMs);
      },
    });
    world.start(-30_000, 4);
    await world.play();
    expect(requested).toEqual([-30, -30, -29, -27]);
    expect(world.steps).toBe(1);
  });

  test("whose fragment is not listed yet is published when it is", async () => {
    const world = new FramesWorld({
      ...LIVE,
      uploads: [live(-30_000, 0)],
      visible: [{ ...person, fromMs: -30_000 }],
    });
    const { fragments } = world.parts;
    Object.assign(world.parts, {
      fragments: (streamName: string) =>
        world.clock.now() < BEGIN_MS + 5000 ? () => Promise.resolve([]) : fragments(streamName),
    });
    world.start(-30_000, 4);
    await world.play();
    expect(brokenRules(world, EXPECTED)).toEqual([]);
    expect(outcomeOf(world)).toMatchObject({ labels: ["PERSON -30"], analysed: [[-30, -26]], gaps: [] });
  });

  test("that can be decoded is stored with a crop of what was detected", async () => {
    const world = new FramesWorld({
      ...LIVE,
      uploads: [live(-30_000, 0)],
      visible: [{ ...person, fromMs: -30_000 }],
    });
    const picture = jpeg.encode(
      { width: 16, height: 16, data: new Uint8Array(16 * 16 * 4).fill(200) },
      90,
    ).data;
    Object.assign(world.parts, {
      imageAt: (_: string, atMs: number) => Promise.resolve({ kind: "image", jpeg: picture, atMs }),
      detectLabels: () => Promise.resolve({ kind: "labels", labels: world.visibleAt(BEGIN_MS - 30_000) }),
    });
    world.start(-30_000, 4);
    await world.play();
    const [at, frame, crop] = [`front-door/session-1/${BEGIN_MS - 30_000}`, "frame", "person"];
    expect([...world.images.keys()]).toEqual([`${at}-${frame}.jpg`, `${at}-${crop}.jpg`]);
    const { width, height } = jpeg.decode(world.images.get(`${at}-${crop}.jpg`)!);
    expect([width, height]).toEqual([8, 8]);
    expect(world.labels[0]!.labels[0]).toMatchObject({
      frameImageUri: `s3://evidence/${at}-${frame}.jpg`,
      croppedImageUri: `s3://evidence/${at}-${crop}.jpg`,
    });
  });
});

describe("a session that is stopped", () => {
  test("ends with the video before its stop", async () => {
    const world = await played(LIVE, { before: (one) => one.stop(8000, 8500) });
    expect(brokenRules(world, EXPECTED)).toEqual([]);
    expect(outcomeOf(world)).toMatchObject({
      samples: ["0 image", "1 image", "3 image", "7 image"],
      labels: ["PERSON 3"],
      analysed: [[0, 8.5]],
      gaps: [],
    });
    expect(secondsOf(world.clock.now())).toBeLessThan(16);
  });

  test("ends now by default, by the camera's clock", async () => {
    const world = await played(
      { ...LIVE, uploads: [{ ...live(40_000, 90_000), lateMs: -39_500 }], visible: [] },
      { videoStartMs: 40_000, before: (one) => one.stop(8000) },
    );
    expect(brokenRules(world, EXPECTED)).toEqual([]);
    const { videoEndMs } = world.session!;
    expect(secondsOf(videoEndMs)).toBeGreaterThanOrEqual(48);
    expect(secondsOf(videoEndMs)).toBeLessThan(49);
  });

  test("ends at once although it waits, without calls, until its longest duration", async () => {
    const world = await played(
      { ...LIVE, camera: { labels: { PERSON: 50 } } },
      { seconds: 120, before: (one) => one.stop(10_000, 9500) },
    );
    expect(brokenRules(world, EXPECTED)).toEqual([]);
    expect(outcomeOf(world)).toMatchObject({ analysed: [[0, 4]], gaps: [[4, 9.5, "all-detected"]] });
    expect(secondsOf(world.session!.dueAtMs)).toBeLessThan(16);
  });

  test.each([0, -5000])("has no video if it is stopped %i ms after its start", async (videoEndMs) => {
    const world = await played(LIVE, { before: (one) => one.stop(500, videoEndMs) });
    expect(brokenRules(world, EXPECTED)).toEqual([]);
    expect(outcomeOf(world)).toMatchObject({ state: "ended", analysed: [], gaps: [] });
    expect(secondsOf(world.clock.now())).toBeLessThan(5);
  });

  test("keeps its end when a later one is requested", async () => {
    const world = await played(LIVE, {
      before: (one) => {
        one.stop(8000, 8500);
        one.stop(8000, 60_000);
      },
    });
    expect(outcomeOf(world)).toMatchObject({ analysed: [[0, 8.5]], gaps: [] });
  });
});

describe("a session whose calls are refused", () => {
  const throttled = { ...EXPECTED, isThrottled: true };

  test("samples the same moment again, and then fewer", async () => {
    const world = new FramesWorld({ ...LIVE, uploads: [live(0, 60_000)] });
    const { detectLabels } = world.parts;
    let calls = 0;
    Object.assign(world.parts, {
      detectLabels: async (...args: Parameters<typeof detectLabels>) =>
        ++calls > 1 && calls < 5 ? { kind: "throttled" } : await detectLabels(...args),
    });
    world.start(0, 60);
    await world.play();
    expect(brokenRules(world, throttled)).toEqual([]);
    // Refused three times at 1 s: the next intervals are 8, 4 and 2 times as long.
    expect(outcomeOf(world)).toMatchObject({
      samples: ["0 image", "1 image", "17 image", "33 image", "43 image", "48 image", "53 image", "58 image"],
      labels: ["PERSON 17", "PET 17"],
      analysed: [[0, 60]],
      gaps: [],
    });
  });

  test("ends minutes after its video, with a gap from where they were refused", async () => {
    const world = await played({ ...LIVE, limit: 0 });
    expect(brokenRules(world, throttled)).toEqual([]);
    expect(outcomeOf(world)).toMatchObject({ samples: [], gaps: [[0, 20, "throttled"]] });
    expect(secondsOf(world.clock.now())).toBeGreaterThanOrEqual(320);
    expect(secondsOf(world.clock.now())).toBeLessThan(345);
  });

  test("takes its first call with priority over later ones", async () => {
    const world = new FramesWorld(LIVE);
    const priorities: string[] = [];
    const { takeCall } = world.parts;
    Object.assign(world.parts, {
      takeCall: async (priority: "first" | "later") => {
        priorities.push(priority);
        return priorities.length > 2 && (await takeCall(priority));
      },
    });
    world.start(0, 10);
    await world.play();
    expect(priorities).toEqual(["first", "first", "first", "later", "later"]);
  });

  test.each(["stream", "images", "labels"] as const)(
    "for good (%s) fails and publishes nothing",
    async (refusing) => {
      const world = await played({ ...LIVE, refusing });
      expect([world.session?.state, world.published]).toEqual(["failed", []]);
      expect(await resultOf(world, world.engine().find("front-door"))).toEqual({
        kind: "failed",
        reason: expect.stringMatching(/^no /),
      });
    },
  );
});

describe("a step", () => {
  /** All that a session may meet: a hole, two labels, a stop. */
  const FULL: WorldOptions = { ...LIVE, uploads: [live(0, 8000), live(11_000, 30_000)] };
  const stopped = { before: (one: FramesWorld) => one.stop(8000, 14_500) };

  test("that dies before or after any call is done again, with the same result", async () => {
    const whole = await played(FULL, stopped);
    const expected = outcomeOf(whole);
    expect(expected).toMatchObject({
      labels: ["PERSON 3", "PET 12"],
      analysed: [
        [0, 8],
        [11, 14.5],
      ],
    });
    expect(whole.calls).toBeGreaterThan(50);
    // The first four are the start's.
    for (let call = 5; call <= whole.calls; call++)
      for (const when of ["before", "after"] as const) {
        const kill: Kill = { call, when };
        const world = await played(FULL, {
          before: (one) => {
            one.kill = kill;
            stopped.before(one);
          },
        });
        expect([kill, brokenRules(world, { ...EXPECTED, delayMs: 30_000 })]).toEqual([kill, []]);
        expect([kill, outcomeOf(world)]).toEqual([kill, expected]);
      }
  });

  test("whose every message is delivered twice calls DetectLabels little more often, in one chain", async () => {
    const once = await played(LIVE);
    for (let seed = 1; seed <= 10; seed++) {
      const world = await played({ ...LIVE, trouble: { twice: 1 }, seed });
      expect(brokenRules(world, EXPECTED)).toEqual([]);
      expect(outcomeOf(world)).toEqual(outcomeOf(once));
      expect(world.steps).toBeLessThanOrEqual(once.steps * 4);
      expect(world.detectedAtMs.length).toBeLessThanOrEqual(once.detectedAtMs.length * 2);
    }
  });

  test("of a session that was replaced, has ended or does not exist does nothing", async () => {
    const world = await played(LIVE);
    const { calls } = world;
    const ended = world.session!;
    for (const session of [ended, { ...ended, state: "running" as const, sessionId: "other" }, undefined]) {
      world.session = session;
      world.parts
        .schedule({ processorName: "front-door", sessionId: "session-1", step: 1e9 }, 0)
        .catch(() => {});
      await world.play();
      expect(world.session).toBe(session);
    }
    // A message sent and a record read, three times.
    expect(world.calls - calls).toBe(6);
  });
});

async function resultOf<T>(world: FramesWorld, result: Promise<T>): Promise<T> {
  await world.play();
  return await result;
}
