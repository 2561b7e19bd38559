import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { FirehoseClient } from "@aws-sdk/client-firehose";
import {
  AssociateFacesCommand,
  CreateCollectionCommand,
  CreateUserCommand,
  DescribeStreamProcessorCommand,
  IndexFacesCommand,
  ListFacesCommand,
  ListUsersCommand,
  RekognitionClient,
  StartStreamProcessorCommand,
} from "@aws-sdk/client-rekognition";
import {
  CopyObjectCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { enrolledFaces } from "../../aws/enrolled-faces.ts";
import { objectVersions } from "../../aws/object-versions.ts";
import { personsTable } from "../../aws/persons.ts";
import { systemClock } from "../../base/clock.ts";
import { DAY_MS, MINUTE_MS } from "../../base/durations.ts";
import { isNamed } from "../../base/errors.ts";
import { pollUntil } from "../../base/poll.ts";
import { ERROR_PREFIXES } from "../../core/faces/face-files.ts";
import { beginForget, finishForgets, settleMs, type ForgetParts } from "../../core/faces/forget.ts";
import { putRecords } from "../../operator/delivery-stream.ts";
import { Fleet } from "../../operator/fleet.ts";
import { stackForgetOutputs, type StackForgetOutputs } from "../../operator/stack.ts";
import type { Face } from "../../schemas/face.ts";
import type { Person } from "../../schemas/person.ts";
import { useCloud } from "../cli/cloud.ts";
import { doorstep } from "../cli/process.ts";
import { BreakableStack } from "./failures/breakable-stack.ts";
import { ASTRONAUT, astronaut } from "./rekognition/faces/pictures.ts";
import { unusedOf } from "./roles/permissions.ts";
import { startStack, type TestStack } from "./stack.ts";

const idOf = (digit: string) => `person-${digit.repeat(20)}`;
const [ADA, BEA] = [idOf("a"), idOf("b")];
/** Merged into Ada. */
const ADELE = idOf("c");
const SEEN_AT_MS = Date.UTC(2026, 2, 2, 10, 59, 58);

let dataFolder: string;
let stack: TestStack;
let outputs: StackForgetOutputs;
let restore: () => void;
let s3: S3Client;
let rekognition: RekognitionClient;
let persons: ReturnType<typeof personsTable>;

beforeAll(async () => {
  dataFolder = mkdtempSync(join(tmpdir(), "forget-faces-"));
  stack = await startStack([], { dataFolder });
  // To forget is to wait for more than a minute, until what is on its way is in the lake.
  restore = useCloud(stack.config.endpoint, stack.clock, 200);
  outputs = await stackForgetOutputs("doorstep-dev", stack.config);
  s3 = new S3Client({ ...stack.config, forcePathStyle: true });
  rekognition = new RekognitionClient(stack.config);
  persons = personsTable(outputs.PersonsTableName, new DynamoDBClient(stack.config));
  const CollectionId = outputs.FacesCollectionId;
  await rekognition.send(new CreateCollectionCommand({ CollectionId })).catch((error: unknown) => {
    if (!isNamed(error, "ResourceAlreadyExistsException")) throw error;
  });
});

afterAll(async () => {
  restore();
  await stack.stop();
  rmSync(dataFolder, { recursive: true });
});

async function enrol(
  personId: string,
  name: string,
  image: Uint8Array,
  expiresAtMs = stack.clock.now() + 365 * DAY_MS,
): Promise<void> {
  const nowMs = stack.clock.now();
  const person: Person = {
    personId,
    version: 1,
    name,
    consent: { givenBy: name, givenAtMs: nowMs, wording: "2026-11", expiresAtMs },
    createdAtMs: nowMs,
  };
  expect(await persons.put(person)).toBe(true);
  const of = { CollectionId: outputs.FacesCollectionId };
  const { FaceRecords = [] } = await rekognition.send(
    new IndexFacesCommand({ ...of, Image: { Bytes: image }, ExternalImageId: personId }),
  );
  const FaceIds = FaceRecords.map(({ Face }) => Face!.FaceId!);
  expect(FaceIds).toHaveLength(1);
  await rekognition.send(new CreateUserCommand({ ...of, UserId: personId }));
  await rekognition.send(new AssociateFacesCommand({ ...of, UserId: personId, FaceIds }));
}

const faceOf = (personId: string | undefined, faceNo: number, atMs = SEEN_AT_MS): Face => ({
  type: "FACE",
  cameraId: "front-door",
  streamName: "doorstep-dev-camera-front-door",
  streamArn: "arn:aws:kinesisvideo:us-east-1:123456789012:stream/doorstep-dev-camera-front-door/1",
  engine: "frames",
  sessionId: "session-1",
  fragmentNumber: "91343852333181432392682062607743920146264437482",
  seenAtMs: atMs,
  faceNo,
  confidence: 99.5,
  box: { left: 0.1, top: 0.2, width: 0.3, height: 0.4 },
  collectionId: outputs.FacesCollectionId,
  matches: personId === undefined ? 0 : 1,
  ...(personId !== undefined && { personId, similarity: 97.5 }),
});

async function putFaces(...faces: readonly object[]): Promise<void> {
  const bytes = faces.map((one) => Buffer.from(JSON.stringify(one)));
  const refusals = await putRecords(
    "doorstep-dev-faces",
    bytes,
    new FirehoseClient(stack.config),
    stack.clock,
  );
  expect(refusals).toEqual(faces.map(() => undefined));
  await stack.flushFirehose();
}

const facts = async (): Promise<readonly unknown[]> =>
  (await stack.journey.query("SELECT face_no, person_id FROM faces ORDER BY seen_at_ms, face_no")).rows;

/** All versions of all objects of the lake's bucket but results of queries, which expire by themselves. */
async function allVersions(): Promise<{ key: string; bytes: Buffer }[]> {
  const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: outputs.LakeBucketName }));
  return await Promise.all(
    Versions.filter(({ Key }) => !Key!.startsWith("athena/")).map(async ({ Key, VersionId }) => {
      const { Body } = await s3.send(
        new GetObjectCommand({ Bucket: outputs.LakeBucketName, Key, VersionId }),
      );
      return { key: Key!, bytes: Buffer.from(await Body!.transformToByteArray()) };
    }),
  );
}

/**
 * Files below the data folder that hold a text. Those of the emulated DynamoDB are left out: its storage is a log, which keeps
 * replaced items until it is compacted, as DynamoDB's point-in-time recovery does.
 */
const filesWith = (text: string): string[] =>
  readdirSync(dataFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => !path.startsWith(join(dataFolder, "dynamodb")) && readFileSync(path).includes(text));

describe("a person who is enrolled, seen and forgotten", () => {
  class Killed extends Error {}

  /** The real ports, each of whose calls fails once there are none left. */
  function killable(calls: number): ForgetParts {
    const call = <A extends unknown[], R>(run: (...args: A) => Promise<R>) => {
      return async (...args: A): Promise<R> => {
        if (calls-- <= 0) throw new Killed();
        return await run(...args);
      };
    };
    const each = <T extends object>(port: T): T =>
      Object.fromEntries(
        Object.entries(port).map(([name, run]) => [name, name === "versions" ? run : call(run as never)]),
      ) as T;
    return {
      now: () => stack.clock.now(),
      sleep: async (ms) => stack.clock.turn(ms),
      persons: each(persons),
      collection: each(enrolledFaces(outputs.FacesCollectionId, rekognition, stack.clock)),
      files: each(objectVersions(outputs.LakeBucketName, s3)),
      settleMs: settleMs(outputs.LakeBufferSeconds),
    };
  }

  test("leaves no row, version, face, user or name, although the run is killed at every call", async () => {
    await enrol(ADA, "Ada Unforgettable", ASTRONAUT);
    await enrol(BEA, "Bea Unforgettable", await astronaut({ isMirrored: true, light: 0.9 }));
    expect(await persons.put({ personId: ADELE, version: 1, mergedInto: ADA })).toBe(true);
    await putFaces(faceOf(ADA, 0), faceOf(BEA, 1), faceOf(undefined, 2), faceOf(ADELE, 3));
    await putFaces(faceOf(ADA, 0, SEEN_AT_MS + DAY_MS), faceOf(ADA, 1, SEEN_AT_MS + DAY_MS));
    await putFaces({ ...faceOf(ADA, 0), box: "none" });
    // Rows of an id that was merged are the other person's.
    expect(await facts()).toEqual([
      ["0", ADA],
      ["1", BEA],
      ["2", null],
      ["3", ADA],
      ["0", ADA],
      ["1", ADA],
    ]);
    // A file that was overwritten keeps what it held.
    const [first] = (await allVersions()).filter(({ key }) => key.startsWith("face_records/"));
    const Bucket = outputs.LakeBucketName;
    await s3.send(new PutObjectCommand({ Bucket, Key: first!.key, Body: first!.bytes }));
    await s3.send(
      new CopyObjectCommand({ Bucket, Key: `${first!.key}.copy`, CopySource: `${Bucket}/${first!.key}` }),
    );
    expect((await allVersions()).filter(({ bytes }) => bytes.includes(ADA)).length).toBeGreaterThan(3);

    let kills = 0;
    for (;;)
      try {
        const parts = killable(kills);
        const [done] = await finishForgets(parts, [await beginForget(parts, ADA, "requested")]);
        expect(done).toMatchObject({ step: "done", ids: [ADA, ADELE] });
        break;
      } catch (error) {
        if (!(error instanceof Killed) && !((error as Error).cause instanceof Killed)) throw error;
        kills++;
        if (kills % 8 !== 0) continue;
        const others = (await facts()).filter((row) => (row as string[])[1] !== ADA);
        expect(others).toEqual([
          ["1", BEA],
          ["2", null],
        ]);
      }
    expect(kills).toBeGreaterThan(15);
    expect(await facts()).toEqual([
      ["1", BEA],
      ["2", null],
    ]);
  });

  test("is in nothing that is stored", async () => {
    const versions = await allVersions();
    expect(versions.filter(({ bytes }) => bytes.includes(ADA) || bytes.includes(ADELE))).toEqual([]);
    expect(versions.some(({ key }) => key.startsWith("errors/face_records/"))).toBe(false);
    const CollectionId = outputs.FacesCollectionId;
    const { Faces = [] } = await rekognition.send(new ListFacesCommand({ CollectionId }));
    expect(Faces.map(({ ExternalImageId, UserId }) => [ExternalImageId, UserId])).toEqual([[BEA, BEA]]);
    const { Users = [] } = await rekognition.send(new ListUsersCommand({ CollectionId }));
    expect(Users.map(({ UserId }) => UserId)).toEqual([BEA]);
    expect(await persons.find(ADA)).toMatchObject({ personId: ADA, step: "done" });
    expect(JSON.stringify(await persons.list())).not.toContain("Ada");
  });

  test("gets no row by a record that comes late", async () => {
    await putFaces(faceOf(ADA, 5), faceOf(ADELE, 6), faceOf(BEA, 7));
    expect(await facts()).toEqual([
      ["1", BEA],
      ["2", null],
      ["7", BEA],
    ]);
    expect((await allVersions()).filter(({ bytes }) => bytes.includes(ADA))).toEqual([]);
  });
});

describe("doorstep faces forget", () => {
  test("counts and changes nothing with --dry-run", async () => {
    const { exitCode, stdout, stderr } = await doorstep(["faces", "forget", BEA, "--dry-run", "--json"]);
    expect([stderr, exitCode]).toEqual([expect.any(String), 0]);
    expect(JSON.parse(stdout)).toEqual({
      personId: BEA,
      ids: [BEA],
      stored: { faces: 1, users: 1, rows: expect.any(Number), files: expect.any(Number), errorLines: 0 },
      dryRun: true,
    });
    expect(await persons.find(BEA)).toMatchObject({ name: "Bea Unforgettable" });
  });

  test("asks, and removes nothing without a terminal or --yes", async () => {
    const { exitCode, stderr } = await doorstep(["faces", "forget", "Bea Unforgettable"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("expected --yes, since there is no terminal to confirm on");
    expect(await persons.find(BEA)).toMatchObject({ name: "Bea Unforgettable" });
  });

  test("forgets a person by name and prints a proof, which names nobody", async () => {
    const { exitCode, stdout, stderr } = await doorstep([
      "faces",
      "forget",
      "bea unforgettable",
      "--yes",
      "--json",
    ]);
    expect([stderr, exitCode]).toEqual([expect.any(String), 0]);
    const proof = JSON.parse(stdout) as { expiring: { what: string; goneAt: string | null }[] };
    expect(proof).toMatchObject({
      personId: BEA,
      ids: [BEA],
      reason: "requested",
      removed: { faces: 1, users: 1, errorLines: 0 },
      left: { faces: 0, users: 0, rows: 0, files: 0, errorLines: 0 },
    });
    expect(stdout).not.toContain("Unforgettable");
    const daysUntil = (goneAt: string) => Math.round((Date.parse(goneAt) - stack.clock.now()) / DAY_MS);
    expect(
      Object.fromEntries(proof.expiring.map(({ what, goneAt }) => [what.split(":")[0], daysUntil(goneAt!)])),
    ).toEqual({
      "data streams of cameras of the engine face-search": 1,
      "results of queries in Athena": 8,
      "dead-letter queues": 14,
      logs: 30,
      "point-in-time recovery of the table of persons": 35,
      "frames and crops of detections, which may show the person": 120,
    });
    expect(await facts()).toEqual([["2", null]]);
  });

  test("says that somebody is forgotten already, with the proof", async () => {
    const { exitCode, stdout } = await doorstep(["faces", "forget", BEA]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`${BEA} was forgotten on `);
    expect(stdout).toMatch(/rows in the lake +\d+ +0/);
  });

  test("lists whose forgetting is not finished", async () => {
    await enrol(idOf("d"), "Dora Halfway", ASTRONAUT);
    await beginForget({ persons, now: () => stack.clock.now() }, idOf("d"), "requested");
    const { stdout } = await doorstep(["faces", "list"]);
    expect(stdout).toContain(`npx doorstep faces forget ${idOf("d")} finishes it`);
    expect(stdout).not.toContain("Dora");
  });
});

describe("the daily run, with its own role", () => {
  const [DORA, EVE, FAY] = [idOf("d"), idOf("e"), idOf("f")];
  /** Resolves once runs have ended so often, all in all. */
  const ended = async (name: "event-handled" | "event-failed", runs: number): Promise<void> => {
    const { events } = stack.local.cloud;
    const ends = () =>
      events.matching(
        (event) => event.name === name && event.detail["function"] === "doorstep-dev-sweepFaces",
      );
    await events.waitFor(() => ends().length >= runs);
  };

  test("finishes what was interrupted, removes old unknown faces, and stops face searches without a session", async () => {
    const fleet = await Fleet.open("doorstep-dev", stack.config);
    const { camera } = await fleet.add({ cameraId: "hall", engine: "face-search", faces: true });
    await rekognition.send(new StartStreamProcessorCommand({ Name: camera.processorName }));
    await putFaces(faceOf(undefined, 9, stack.clock.now() - DAY_MS));
    // What was on its way when the person was forgotten is in the lake.
    stack.clock.turn(DAY_MS);
    await ended("event-handled", 1);
    expect(await persons.find(DORA)).toMatchObject({ step: "done", removed: { faces: 1, users: 1 } });
    // The face of March is older than 30 days, that of these days is not.
    expect(await facts()).toEqual([["9", null]]);
    const { Status } = await rekognition.send(
      new DescribeStreamProcessorCommand({ Name: camera.processorName }),
    );
    expect(Status).toMatch(/^STOPP/);
  });

  test("forgets whose consent has expired, and keeps the rows and errors of others", async () => {
    const expiresAtMs = stack.clock.now() + 1;
    await enrol(EVE, "Eve Expired", await astronaut({ light: 0.8 }), expiresAtMs);
    const atMs = stack.clock.now() - DAY_MS;
    await putFaces(faceOf(EVE, 1, atMs), faceOf(FAY, 2, atMs));
    const Body = `{"attempt":"${EVE}"}\n{"attempt":"${FAY}"}\n`;
    for (const prefix of ERROR_PREFIXES)
      await s3.send(new PutObjectCommand({ Bucket: outputs.LakeBucketName, Key: `${prefix}one`, Body }));
    stack.clock.turn(DAY_MS);
    // The run waits for what is on its way to the lake, and is over its time. The next one goes on.
    await pollUntil(async () => ((await persons.find(EVE)) as { step?: string }).step, {
      clock: systemClock,
      everyMs: 50,
      withinMs: 30_000,
    });
    stack.clock.turn(15 * MINUTE_MS);
    await ended("event-failed", 1);
    stack.clock.turn(MINUTE_MS);
    await ended("event-handled", 2);
    expect(await persons.find(EVE)).toMatchObject({ step: "done", reason: "consent-expired" });
    expect(await facts()).toEqual([
      ["9", null],
      ["2", FAY],
    ]);
    const errors = (await allVersions()).filter(({ key }) => key.startsWith("errors/"));
    expect(errors.map(({ bytes }) => bytes.toString().trim())).toEqual(
      ERROR_PREFIXES.map(() => `{"attempt":"${FAY}"}`),
    );
  });

  test("is in a queue when it fails, and when it is not invoked", async () => {
    const broken = new BreakableStack(stack);
    await broken.without([{ action: "dynamodb:Scan" }], async () => {
      stack.clock.turn(DAY_MS);
      for (const [failed, turnMs] of [
        [2, MINUTE_MS],
        [3, 2 * MINUTE_MS],
        [4, 0],
      ] as const) {
        await ended("event-failed", failed);
        stack.clock.turn(turnMs);
      }
      await broken.waiting("MissedSweepsQueue");
    });
    await broken.without(
      [{ action: "lambda:InvokeFunction", resourceEnd: "doorstep-dev-sweepFaces" }],
      async () => {
        stack.clock.turn(DAY_MS);
        await broken.waiting("MissedSweepsQueue", 2);
      },
    );
  });

  test("has what it needs, and nothing else", () => {
    expect(stack.local.cloud.access.log.denials).toEqual([]);
    expect(
      unusedOf(stack, "SweepFacesIamRoleLambdaExecution", "MissedSweepsQueue", "SweepFacesLambdaFunction"),
    ).toEqual([]);
  });
});

test("no file of the local cloud holds a name once the cloud has stopped", async () => {
  await stack.stop();
  expect(filesWith("Unforgettable")).toEqual([]);
  expect(filesWith("Dora")).toEqual([]);
});
