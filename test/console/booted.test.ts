import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { AthenaClient } from "@aws-sdk/client-athena";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { Ajv2020 } from "ajv/dist/2020.js";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../base/durations.ts";
import { parquetFile } from "../../cli/generate/parquet.ts";
import { writeHours } from "../../cli/generate/lake-files.ts";
import { openCloud } from "../../console/cloud.ts";
import { joined } from "../../console/lake/facts.ts";
import { hourName } from "../../console/lake/reader.ts";
import { openConsole, type OpenConsole } from "../../console/server.ts";
import { withExplainedErrors } from "../../operator/aws-errors.ts";
import { runQuery } from "../../operator/athena.ts";
import { Fleet } from "../../operator/fleet.ts";
import type { Chains } from "../../schemas/console/chains.ts";
import { ROUTES } from "../../schemas/console/routes.ts";
import { detectionRecords } from "../../schemas/tables/detection-records.ts";
import { startStack, type TestStack } from "../local/stack.ts";
import { ReportingClock } from "../support/reporting-clock.ts";
import { ConsoleClient } from "./client.ts";

let stack: TestStack;
/** The console's, which stands still until it is turned. */
let clock: ReportingClock;
let open: OpenConsole;
let client: ConsoleClient;
let fleet: Fleet;
let s3: S3Client;
let fromMs: number;
let untilMs: number;
let isStopped = false;

beforeAll(async () => {
  stack = await startStack();
  const { config, journey } = stack;
  const bucket = journey.outputs.LakeBucketName;
  s3 = new S3Client({ ...config, forcePathStyle: true });
  untilMs = Math.floor(stack.clock.now() / HOUR_MS) * HOUR_MS;
  fromMs = untilMs - 6 * HOUR_MS;
  const options = {
    cameras: 8,
    fromMs,
    untilMs,
    seed: 7,
    detectionsPerDay: 1000,
    streamPrefix: journey.outputs.CameraPrefix,
    evidenceBucket: journey.outputs.EvidenceBucketName,
    faces: true as const,
  };
  const hours = { first: fromMs / HOUR_MS, end: untilMs / HOUR_MS };
  await writeHours(options, hours, async (Key, Body) => {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
  });
  fleet = await Fleet.open("doorstep-dev", config, stack.clock);
  await fleet.add({ cameraId: "front-door", engine: "frames", tags: { place: "porch" } });
  clock = new ReportingClock(stack.clock.now());
  open = await openConsole({
    config: withExplainedErrors(config),
    stack: "doorstep-dev",
    isLocal: true,
    port: 0,
    clock,
  });
  client = new ConsoleClient(open.url);
});
afterAll(async () => {
  await open?.close();
  s3?.destroy();
  if (!isStopped) await stack?.stop();
});

describe("the facts that the console reads from the lake's files", () => {
  test("are the rows of the lake's views", async () => {
    const { config, journey, clock } = stack;
    const cloud = await openCloud({ config, stack: "doorstep-dev", isLocal: true, clock });
    const athena = new AthenaClient(config);
    const context = {
      client: athena,
      workGroup: journey.outputs.WorkGroupName,
      database: journey.outputs.DatabaseName,
    };
    const hours: string[] = [];
    for await (const day of cloud.lake.hoursBack()) hours.push(...day);
    const facts = joined(await cloud.lake.factsOf(hours));
    const rowsOf = async (sql: string) =>
      (await runQuery(sql, context, { clock })).rows.map((row) => row.join("|"));

    const detections = await rowsOf(
      "SELECT camera_id, session_id, session_started_at_ms, label, detected_at_ms, frame_image_uri FROM detections WHERE dt >= '2020-01-01'",
    );
    expect(detections.length).toBeGreaterThan(1000);
    expect(
      facts.detections
        .map((one) => [one.cameraId, one.sessionId, one.sessionStartedAtMs, one.label, one.detectedAtMs, one.frameUri].join("|"))
        .toSorted(),
    ).toEqual(detections.toSorted()); // prettier-ignore

    const sessions = await rowsOf(
      "SELECT camera_id, session_id, outcome, session_started_at_ms, chain_started_at_ms, session_ended_at_ms, engine FROM sessions WHERE dt >= '2020-01-01'",
    );
    expect(sessions.length).toBeGreaterThan(100);
    expect(
      facts.sessions
        .map((one) => [one.cameraId, one.sessionId, one.outcome, one.startedAtMs, one.chainStartedAtMs, one.endedAtMs, one.engine].join("|"))
        .toSorted(),
    ).toEqual(sessions.toSorted()); // prettier-ignore

    const faces = await rowsOf(
      "SELECT camera_id, session_id, seen_at_ms, person_id FROM faces WHERE dt >= '2020-01-01' AND unsearched_reason IS NULL",
    );
    expect(
      facts.faces
        .map((one) => [one.cameraId, one.sessionId, one.seenAtMs, one.personId].join("|"))
        .toSorted(),
    ).toEqual(faces.toSorted());
    athena.destroy();
    cloud.close();
  });
});

test("a parameter that is too long is refused in words, also where each character takes twelve bytes", async () => {
  const page = encodeURIComponent("🎥".repeat(4097));
  const { status, json } = await client.get(`/api/queries/00000000-0000-4000-8000-000000000000?page=${page}`);
  expect(status).toBe(400);
  expect(json).toMatchObject({ error: expect.stringContaining("page"), remedy: expect.any(String) });
});

describe("the OpenAPI document", () => {
  test("describes what the console returns", async () => {
    const document = (await client.get("/api/openapi.json")).json as {
      readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, Described>> }>>>>;
      readonly components: { readonly responses: { readonly Problem: Described } };
    }; // prettier-ignore
    interface Described {
      readonly content?: Readonly<Record<string, { readonly schema?: object }>>;
    }
    const ajv = new Ajv2020({ strict: false });
    const isValid = (described: Described | undefined, value: unknown): unknown => {
      const schema = described?.content?.["application/json"]?.schema;
      if (!schema) return "no schema";
      return ajv.validate(schema, value) ? true : ajv.errors;
    };
    const held = async (template: string, path: string) => {
      const { status, json } = await client.get(path);
      expect([path, status]).toEqual([path, 200]);
      const described = document.paths[template]!["get"]!.responses["200"];
      expect([path, isValid(described, json)]).toEqual([path, true]);
      return json;
    };
    await held("/api/overview", "/api/overview");
    const { chains } = (await held("/api/chains", "/api/chains?synthetic=true&limit=100")) as Chains;
    expect(chains).toHaveLength(100);
    await held("/api/chains", "/api/chains");
    await held("/api/cameras", "/api/cameras");
    await held("/api/cameras/{cameraId}", "/api/cameras/front-door");
    await held("/api/cameras/{cameraId}/day", "/api/cameras/front-door/day");
    await held("/api/cameras/{cameraId}/day", `/api/cameras/${chains[0]!.cameraId}/day`);
    await held("/api/queries", "/api/queries");
    for (const path of ["/api/nothing", "/api/cameras/none", "/api/chains?limit=0"]) {
      const { status, json } = await client.get(path);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(isValid(document.components.responses.Problem, json)).toBe(true);
    }
    const operations = Object.values(document.paths).flatMap((operationsOf) => Object.keys(operationsOf));
    expect(operations).toHaveLength(Object.keys(ROUTES).length);
  });
});

describe("a camera", () => {
  const view = async () => (await client.get("/api/cameras/front-door")).json as Record<string, unknown>;

  test("is disarmed and armed, and keeps its schedule", async () => {
    const disarmed = await client.write("POST", "/api/cameras/front-door/disarm", {});
    expect(disarmed.json).toMatchObject({ armed: false, isArmedNow: false, tags: { place: "porch" } });
    expect((await fleet.find("front-door"))!.armed).toBe(false);
    const armed = await client.write("POST", "/api/cameras/front-door/arm", {});
    expect(armed.json).toMatchObject({ armed: true, isArmedNow: true });
    expect((await fleet.find("front-door"))!.armedSinceMs).toBeGreaterThan(untilMs - HOUR_MS);
  });

  test("gets a schedule, a time zone and regions, and loses them again", async () => {
    const schedule = [{ days: ["mon"], from: "08:00", until: "08:01" }];
    const regions = [{ polygon: [{ x: 0, y: 0 }, { x: 1, y: 0 }, { x: 0.5, y: 1 }] }]; // prettier-ignore
    const path = "/api/cameras/front-door/settings";
    const changed = await client.write("PUT", path, { schedule, timeZone: "Europe/Berlin", regions });
    expect([changed.status, changed.json]).toEqual([
      200,
      expect.objectContaining({ schedule, timeZone: "Europe/Berlin", regions }),
    ]);
    expect(await fleet.find("front-door")).toMatchObject({ schedule, regionsOfInterest: regions });
    await client.write("PUT", path, { schedule: null, regions: [], timeZone: "UTC" });
    expect(await view()).not.toHaveProperty("schedule");
    expect(await view()).toMatchObject({ regions: [], timeZone: "UTC" });
  });

  test.each([
    [{ schedule: [{ days: [], from: "08:00", until: "09:00" }] }, /at least one day/],
    [{ schedule: [{ days: ["mon"], from: "09:00", until: "08:00" }] }, /from before until/],
    [{ regions: [{ polygon: [{ x: 0, y: 0 }] }] }, /at least 3 points/],
    [{ regions: [{ box: { left: 0.9, top: 0, width: 0.5, height: 1 } }] }, /at most 1/],
    [{ timeZone: "Mars/Phobos" }, /IANA/],
    [{ armed: false }, /not a known field/],
  ])("refuses %j in words and stays as it is", async (body, error) => {
    const before = await fleet.find("front-door");
    const answer = await client.write("PUT", "/api/cameras/front-door/settings", body);
    expect([answer.status, (answer.json as { error: string }).error]).toEqual([
      400,
      expect.stringMatching(error),
    ]);
    expect(await fleet.find("front-door")).toEqual(before);
  });

  test("that is not registered is explained", async () => {
    for (const path of ["/api/cameras/none", "/api/clips?camera=none&from=1&to=2"])
      expect((await client.get(path)).status).toBe(404);
    expect((await client.write("POST", "/api/cameras/none/arm", {})).status).toBe(404);
  });

  test("without video has no clip, in words", async () => {
    const to = stack.clock.now();
    const answer = await client.get(`/api/clips?camera=front-door&from=${to - MINUTE_MS}&to=${to}`);
    expect([answer.status, (answer.json as { error: string }).error]).toEqual([
      404,
      expect.stringContaining("front-door has no video from"),
    ]);
  });
});

describe("a day", () => {
  test("has what was analysed, the gaps with their reasons in words, and detections, all within the day", async () => {
    const camera = ((await client.get("/api/chains?synthetic=true")).json as Chains).chains[0]!.cameraId;
    const date = new Date(untilMs - HOUR_MS).toISOString().slice(0, 10);
    const day = (await client.get(`/api/cameras/${camera}/day?date=${date}`)).json as Record<string, { fromMs: number; untilMs: number }[]> & { fromMs: number; untilMs: number }; // prettier-ignore
    expect(day.untilMs - day.fromMs).toBe(DAY_MS);
    expect(day["analysed"]!.length).toBeGreaterThan(3);
    expect(day["motion"]!.length).toBeGreaterThan(3);
    for (const kind of ["analysed", "gaps", "motion", "alerts"])
      for (const one of day[kind]!) {
        expect(one.fromMs).toBeGreaterThanOrEqual(day.fromMs);
        expect(one.untilMs).toBeLessThanOrEqual(day.untilMs);
        expect(one.untilMs).toBeGreaterThan(one.fromMs);
      }
  });

  test.each(["2026-02-30", "today", "2026-13-01", "1999-12-31"])("%s is refused in words", async (date) => {
    expect((await client.get(`/api/cameras/front-door/day?date=${date}`)).status).toBe(400);
  });
});

test("a page gets an event for a new file in the lake with the next list", async () => {
  const page = new AbortController();
  const firstList = clock.timerSet(SECOND_MS);
  const response = await fetch(`http://127.0.0.1:${client.port}/api/live`, {
    headers: { cookie: client.own["cookie"]! },
    signal: page.signal,
  });
  expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  const chunks = response.body!.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
  const read = async (text: string): Promise<string> => {
    let got = "";
    while (!got.includes(text)) got += (await chunks.next()).value!;
    return got;
  };
  await read('event: cloud\ndata: {"state":"back"}\n\n');
  // The first list is what is there.
  clock.turn(0);
  await firstList;
  const [dt, hour] = hourName(clock.now()).split("T");
  await s3.send(
    new PutObjectCommand({
      Bucket: stack.journey.outputs.LakeBucketName,
      Key: `detection_records/dt=${dt}/hour=${hour}/new.parquet`,
      Body: parquetFile(detectionRecords, []),
    }),
  );
  clock.turn(SECOND_MS);
  const activity = `event: activity\ndata: {"atMs":${clock.now()},"tables":["detection_records"]}\n\n`;
  expect(await read("\n\n")).toBe(activity);
  page.abort();
});

test("closing the console closes every connection to the cloud that it opened", async () => {
  // By this name, which the local cloud itself does not use.
  const endpoint = stack.config.endpoint.replace("127.0.0.1", "localhost");
  const sockets: Socket[] = [];
  const note = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket };
    socket.once("lookup", (_error, _address, _family, host) => host === "localhost" && sockets.push(socket));
  };
  subscribe("net.client.socket", note);
  const other = await openConsole({
    config: { ...stack.config, endpoint },
    stack: "doorstep-dev",
    isLocal: true,
    port: 0,
    clock,
  });
  const its = new ConsoleClient(other.url);
  for (const path of ["/api/overview", "/api/flow", "/api/tries/log?camera=front-door", "/api/chains"])
    expect([path, (await its.get(path)).status]).toEqual([path, 200]);
  expect((await its.write("POST", "/api/queries", { sql: "SELECT 1" })).status).toBe(200);
  unsubscribe("net.client.socket", note);
  expect(sockets.length).toBeGreaterThan(0);
  await other.close();
  expect(sockets.filter(({ destroyed }) => !destroyed)).toHaveLength(0);
});

test("a cloud that was stopped is an error with a remedy on every route, and the page is served on", async () => {
  isStopped = true;
  await stack.stop();
  for (const path of [
    "/api/overview",
    "/api/cameras",
    "/api/cameras/front-door",
    "/api/pictures/a.jpg",
    "/api/flow",
  ]) {
    const { status, json } = await client.get(path);
    expect([path, status, json]).toEqual([
      path,
      502,
      {
        error: expect.stringContaining("there is no local cloud at"),
        remedy: expect.stringContaining("npm start"),
      },
    ]);
  }
  expect((await client.get("/")).status).toBe(200);
});
