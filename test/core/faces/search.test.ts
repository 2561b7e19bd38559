import { beforeEach, describe, expect, test } from "@jest/globals";
import * as v from "valibot";
import { searchPersons, type SearchParts } from "../../../core/faces/search.ts";
import { faceMetrics } from "../../../core/metrics.ts";
import { camera as cameraSchema, type Camera } from "../../../schemas/camera.ts";
import { face as faceSchema, type Face, type FaceRequest } from "../../../schemas/face.ts";
import type { FacesSeen } from "../../../schemas/faces-seen.ts";
import type { Box, FoundFace, FoundFaces, MomentImage } from "../../../schemas/images.ts";
import type { Person, PersonRecord } from "../../../schemas/person.ts";

const NOW_MS = Date.UTC(2026, 10, 30, 14);
const TODAY_MS = Date.UTC(2026, 10, 30);
const idOf = (digit: number): string => `person-${String(digit).repeat(20)}`;
const person = (digit: number, changes: Partial<Person> = {}): Person => ({
  personId: idOf(digit),
  version: 1,
  name: "Ada",
  consent: { givenBy: "Ada", givenAtMs: 0, wording: "2026-11", expiresAtMs: NOW_MS + 1 },
  createdAtMs: 0,
  lastSeenAtMs: TODAY_MS,
  ...changes,
});
const forgotten = (digit: number): PersonRecord => ({
  personId: idOf(digit),
  version: 2,
  forgottenAtMs: 1,
  reason: "requested",
  step: "collection",
  ids: [idOf(digit)],
  removed: { faces: 0, users: 0, rows: 0, files: 0, errorLines: 0 },
});

const boxOf = (left: number, top: number, width: number, height: number): Box => ({
  left,
  top,
  width,
  height,
});
const REQUEST: FaceRequest = {
  cameraId: "front-door",
  streamName: "front-door-stream",
  streamArn: "arn:stream",
  sessionId: "session-1",
  atMs: NOW_MS - 5000,
  fragmentNumber: "7",
  persons: [boxOf(0, 0, 0.5, 1), boxOf(0.6, 0, 0.3, 1)],
};
/** Of a face in the upper half of a crop. */
const FACE = boxOf(0.25, 0.1, 0.5, 0.2);
const found = (box: Box, matches: FoundFace["matches"] = []): FoundFace => ({ confidence: 99, box, matches });
const match = (digit: number, similarity: number) => ({ personId: idOf(digit), similarity });
const faces = (...of: readonly FoundFace[]): FoundFaces => ({ kind: "faces", faces: of });

class World implements SearchParts {
  nowMs = NOW_MS;
  camera: Camera | undefined = v.parse(cameraSchema, {
    cameraId: "front-door",
    streamName: "front-door-stream",
    processorName: "front-door",
    keyVersion: 1,
    faces: true,
  });
  image: MomentImage = { kind: "image", jpeg: Uint8Array.of(1), atMs: REQUEST.atMs };
  isDecodable = true;
  /** What is left of the account's calls. */
  calls = Infinity;
  /** Responses to the searches, by the number of the crop. */
  results: FoundFaces[] = [faces(found(FACE)), faces(found(FACE))];
  records = new Map<string, PersonRecord>();
  /** For each attempt, how many faces the delivery stream accepts. */
  accepts: number[] = [];
  readonly cropped: Box[] = [];
  readonly searches: number[] = [];
  readonly entered: Face[] = [];
  slept = 0;

  readonly collectionId = "doorstep-dev-faces";
  now = () => this.nowMs;
  random = () => 0.5;
  sleep = async (ms: number) => {
    this.slept++;
    this.nowMs += ms;
  };
  findCamera = async () => this.camera;
  imageAt = async () => this.image;
  crop = (_: Uint8Array, boxes: readonly Box[]) => {
    this.cropped.push(...boxes);
    return this.isDecodable ? boxes.map((box, index) => ({ jpeg: Uint8Array.of(index), box })) : undefined;
  };
  takeCall = async () => this.calls-- > 0;
  searchFaces = async ([index]: Uint8Array) => {
    this.searches.push(index!);
    return this.results[index!] ?? faces();
  };
  persons = {
    find: async (personId: string) => this.records.get(personId),
    put: async (record: PersonRecord) => this.records.set(record.personId, record) !== undefined,
  };
  readonly reported: FacesSeen[] = [];
  report = async (messages: readonly FacesSeen[]) => void this.reported.push(...messages);
  enter = async (rows: readonly Face[]) => {
    const accepts = this.accepts.shift() ?? Infinity;
    this.entered.push(
      ...rows.slice(0, accepts).map((one) => v.parse(faceSchema, JSON.parse(JSON.stringify(one)))),
    );
    return rows.map((_, index) => index < accepts);
  };

  with(...records: readonly PersonRecord[]): this {
    for (const one of records) this.records.set(one.personId, one);
    return this;
  }

  search = (request: Partial<FaceRequest> = {}) => searchPersons(this, { ...REQUEST, ...request });
}

let world: World;
beforeEach(() => void (world = new World()));

describe("the faces of an image", () => {
  test("are rows with the enrolled person of the best match, or without one, and with their box in the frame", async () => {
    world.with(person(1), person(2));
    world.results[0] = faces({
      ...found(FACE, [match(1, 98), match(2, 91)]),
      pitch: 1,
      roll: 2,
      yaw: 3,
      brightness: 70,
      sharpness: 80,
    });
    const { searched, notSearched, unknown } = await world.search();
    expect({ searched, notSearched, unknown }).toEqual({ searched: 2, notSearched: [], unknown: [] });
    const common = {
      type: "FACE",
      cameraId: "front-door",
      streamName: "front-door-stream",
      streamArn: "arn:stream",
      engine: "frames",
      sessionId: "session-1",
      fragmentNumber: "7",
      seenAtMs: REQUEST.atMs,
      confidence: 99,
      collectionId: "doorstep-dev-faces",
    };
    expect(world.entered).toEqual([
      {
        ...common,
        faceNo: 0,
        // The crop is 0 to 0.55 of the width and all of the height.
        box: { left: 0.1375, top: 0.1, width: 0.275, height: 0.2 },
        pitch: 1,
        roll: 2,
        yaw: 3,
        brightness: 70,
        sharpness: 80,
        matches: 2,
        personId: idOf(1),
        similarity: 98,
      },
      { ...common, faceNo: 1, box: expect.objectContaining({ top: 0.1, height: 0.2 }), matches: 0 },
    ]);
  });

  test("are no rows where there is no face", async () => {
    world.results = [faces(), faces()];
    expect(await world.search()).toEqual({ searched: 2, notSearched: [], faces: [], unknown: [] });
    expect(world.entered).toEqual([]);
  });

  test("are rows with the reason, and without a person, where they were not searched", async () => {
    world.results = [faces({ ...found(FACE), unsearchedReason: "LOW_FACE_QUALITY" }), faces()];
    await world.search();
    expect(world.entered).toMatchObject([{ faceNo: 0, unsearchedReason: "LOW_FACE_QUALITY", matches: 0 }]);
    expect(world.entered[0]).not.toHaveProperty("personId");
  });

  test("are one row where two crops show the same face, the one that was searched", async () => {
    const persons = [boxOf(0.1, 0, 0.4, 1), boxOf(0.1, 0, 0.4, 0.99)];
    world.with(person(1));
    world.results = [
      faces({ ...found(FACE), unsearchedReason: "FACE_NOT_LARGEST" }),
      faces(found(FACE, [match(1, 95)])),
    ];
    await world.search({ persons });
    expect(world.entered).toMatchObject([{ faceNo: 0, personId: idOf(1) }]);
    expect(world.entered[0]).not.toHaveProperty("unsearchedReason");
  });

  test("are searched of the five largest persons, and the others are counted", async () => {
    world.results = [];
    const persons = Array.from({ length: 7 }, (_, index) => boxOf(index / 10, 0, 0.1, 1 - index / 10));
    const searched = await world.search({ persons });
    expect([searched.searched, world.searches.length]).toEqual([5, 5]);
    expect(searched.notSearched).toEqual([{ persons: 2, reason: "the image shows more than 5 persons" }]);
  });
});

describe("a person", () => {
  test("who was forgotten after the search leaves no row, and the others keep their numbers", async () => {
    world.with(forgotten(1));
    world.results[0] = faces(found(FACE, [match(1, 98)]));
    await world.search();
    expect(world.entered).toMatchObject([{ faceNo: 1, matches: 0 }]);
  });

  test("who was merged is the other one", async () => {
    world.with({ personId: idOf(1), version: 2, mergedInto: idOf(2) }, person(2));
    world.results[0] = faces(found(FACE, [match(1, 98)]));
    await world.search();
    expect(world.entered[0]).toMatchObject({ personId: idOf(2), similarity: 98 });
  });

  test("whose consent has expired, or whom nobody enrolled, is unknown", async () => {
    const { consent } = person(1);
    world.with(person(1, { consent: { ...consent, expiresAtMs: NOW_MS } }));
    world.results = [
      faces(found(FACE, [match(1, 98)])),
      faces(found(FACE, [{ personId: "x", similarity: 99 }])),
    ];
    const { unknown } = await world.search();
    expect(unknown).toEqual([`the consent of ${idOf(1)} has expired`, "there is no person x"]);
    for (const row of world.entered) expect(row).toMatchObject({ matches: 0 });
    for (const row of world.entered) expect(row).not.toHaveProperty("personId");
  });

  test("was last seen today, which is entered once", async () => {
    world.with(person(1, { lastSeenAtMs: TODAY_MS - 86_400_000 }));
    world.results[0] = faces(found(FACE, [match(1, 98)]));
    await world.search();
    expect(world.records.get(idOf(1))).toMatchObject({ version: 2, lastSeenAtMs: TODAY_MS });
    await world.search();
    expect(world.records.get(idOf(1))).toMatchObject({ version: 2 });
  });
});

describe("an image whose persons are not searched", () => {
  const ALL = (reason: string) => ({
    searched: 0,
    notSearched: [{ persons: 2, reason }],
    faces: [],
    unknown: [],
  });

  test("is one of a camera that is gone, searches no faces any more, or has another stream", async () => {
    const { camera } = world;
    for (const now of [undefined, { ...camera!, faces: false }, { ...camera!, streamName: "another" }]) {
      world.camera = now;
      expect(await world.search()).toEqual(ALL("the camera searches no faces any more"));
    }
    expect([world.cropped, world.searches]).toEqual([[], []]);
  });

  test.each<[MomentImage, string]>([
    [{ kind: "no-video" }, "the stream has the image no more"],
    [{ kind: "unreadable", reason: "GetImages: MEDIA_ERROR" }, "GetImages: MEDIA_ERROR"],
  ])("is one that is gone or unreadable: %j", async (image, reason) => {
    world.image = image;
    expect(await world.search()).toEqual(ALL(reason));
  });

  test("is one that cannot be decoded", async () => {
    world.isDecodable = false;
    expect(await world.search()).toEqual(ALL("the image cannot be decoded"));
  });

  test("is in part one of which a crop cannot be read: the others are searched", async () => {
    world.results[0] = { kind: "unreadable", reason: "too small" };
    const { searched, notSearched } = await world.search();
    expect([searched, notSearched, world.entered.length]).toEqual([
      1,
      [{ persons: 1, reason: "too small" }],
      1,
    ]);
  });
});

describe("a search is received again", () => {
  test("when the stream or the collection refuses, with the reason", async () => {
    world.results[1] = { kind: "refused", reason: "there is no collection" };
    await expect(world.search()).rejects.toThrow("there is no collection");
    world.image = { kind: "refused", reason: "there is no stream" };
    await expect(world.search()).rejects.toThrow("there is no stream");
    expect(world.entered).toEqual([]);
  });

  test("when calls were throttled for half a minute, and not before", async () => {
    world.calls = 1;
    await expect(world.search()).rejects.toThrow("SearchUsersByImage was throttled for 30 seconds");
    expect([world.searches, world.entered]).toEqual([[0], []]);
    expect(world.nowMs - NOW_MS).toBeGreaterThanOrEqual(30_000);
    expect(world.nowMs - NOW_MS).toBeLessThan(40_000);
    const other = new World();
    other.image = { kind: "throttled" };
    await expect(other.search()).rejects.toThrow("GetImages was throttled for 30 seconds");
  });

  test("when the delivery stream refuses a face twice", async () => {
    world.accepts = [1, 0];
    await expect(world.search()).rejects.toThrow("the delivery stream of faces refused 1 of 2 faces");
    const other = new World();
    other.accepts = [1];
    await other.search();
    expect(other.entered.map(({ faceNo }) => faceNo)).toEqual([0, 1]);
  });

  test("and enters the same faces under the same numbers", async () => {
    world.with(person(1));
    world.results[1] = faces(found(FACE, [match(1, 98)]));
    await world.search();
    const first = world.entered.splice(0);
    await world.search();
    expect(world.entered).toEqual(first);
    // Someone was forgotten in between.
    world.entered.splice(0);
    world.with(forgotten(1));
    await world.search();
    expect(world.entered).toEqual(first.filter(({ personId }) => personId === undefined));
  });
});

test("metrics count persons and faces, and nothing that did not happen", async () => {
  world.with(person(1));
  world.results = [
    faces(found(FACE, [match(1, 98)])),
    faces({ ...found(FACE), unsearchedReason: "LOW_SHARPNESS" }),
  ];
  expect(faceMetrics(await world.search({ persons: [...REQUEST.persons, boxOf(0.55, 0, 0.05, 1)] }))).toEqual(
    {
      FacesSearched: 3,
      FacesNotSearched: undefined,
      FacesFound: 2,
      FacesRecognised: 1,
      FacesUnknown: undefined,
    },
  );
});
