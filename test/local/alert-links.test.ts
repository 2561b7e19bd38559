import { dirname } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DeleteObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import * as v from "valibot";
import { alertSettingsTable } from "../../aws/alert-settings.ts";
import { alertsTable } from "../../aws/alerts.ts";
import { HOUR_MS, MINUTE_MS } from "../../base/durations.ts";
import { linkKey } from "../../core/alerts/keys.ts";
import { mediaToken, snoozeToken } from "../../core/alerts/links.ts";
import { pageSecurity } from "../../core/alerts/snooze-page.ts";
import { clipsOf } from "../../demo/clips.ts";
import { Journey } from "../../demo/journey.ts";
import { Fleet } from "../../operator/fleet.ts";
import { alertRule } from "../../schemas/alert-rule.ts";
import { startStack, type TestStack } from "./stack.ts";

const [clip] = clipsOf([]);
let stack: TestStack;
let key: Buffer;
let api: string;
let bucket: string;
let settings: ReturnType<typeof alertSettingsTable>;

beforeAll(async () => {
  stack = await startStack([dirname(clip!.file)]);
  const { outputs } = stack.local;
  const secrets = new SecretsManagerClient(stack.config);
  const { SecretString } = await secrets.send(
    new GetSecretValueCommand({ SecretId: outputs["AlertSecretArn"]! }),
  );
  key = linkKey(SecretString!);
  api = outputs["MotionApiUrl"]!;
  bucket = outputs["EvidenceBucketName"]!;
  settings = alertSettingsTable(outputs["AlertSettingsTableName"]!, new DynamoDBClient(stack.config));
});
afterAll(() => stack.stop());

const inADay = () => stack.clock.now() + 24 * HOUR_MS;

async function store(objectKey: string, Body: Uint8Array): Promise<void> {
  const command = new PutObjectCommand({ Bucket: bucket, Key: objectKey, Body, ContentType: "image/jpeg" });
  await new S3Client(stack.config).send(command);
}

const problemOf = async (response: Response) => ({
  status: response.status,
  type: response.headers.get("content-type"),
  problem: ((await response.json()) as { type: string }).type,
});
const refused = (status: number, problem: string) => ({
  status,
  type: "application/problem+json",
  problem: `/problems/${problem}`,
});

describe("a link to a picture", () => {
  const picture = Uint8Array.from({ length: 70_000 }, (_, index) => index * 7);
  const objectKey = "evidence/doorstep-dev-camera-porch/s-1/1-frame é.jpg";
  const linkOf = (given: Partial<Parameters<typeof mediaToken>[1]> = {}, by = key) =>
    `${api}/media/${mediaToken(by, { cameraId: "porch", objectKey, expiresAtMs: inADay(), ...given })}`;
  const follow = (url: string, headers: Record<string, string> = {}) =>
    fetch(url, { redirect: "manual", headers });

  beforeAll(() => store(objectKey, picture));

  test("redirects to the whole picture, by an address that is valid for a minute", async () => {
    const response = await follow(linkOf());
    expect(response.status).toBe(302);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("referrer-policy")).toBe("no-referrer");
    const location = response.headers.get("location")!;
    expect(new URL(location).searchParams.get("X-Amz-Expires")).toBe("60");
    const found = await fetch(location);
    expect(found.headers.get("content-type")).toBe("image/jpeg");
    expect(new Uint8Array(await found.arrayBuffer())).toEqual(picture);
    // The same address serves nothing else.
    expect((await fetch(location.replace("s-1", "s-2"))).status).toBe(403);
  });

  test("shows nothing when it is tampered with, of another camera, of another stack or of another kind", async () => {
    const [payload = "", signature = ""] = linkOf().split("/media/")[1]!.split(".");
    const another = linkOf({ cameraId: "yard" }).split("/media/")[1]!.split(".")[0]!;
    const snooze = snoozeToken(key, { cameraId: "porch", ruleIds: [], expiresAtMs: inADay() });
    const urls = [
      `${api}/media/${payload}.${signature.slice(0, -1)}${signature.endsWith("A") ? "B" : "A"}`,
      `${api}/media/${payload.slice(1)}.${signature}`,
      `${api}/media/${another}.${signature}`,
      `${api}/media/${snooze}`,
      `${api}/media/guess`,
      linkOf({}, linkKey("another secret")),
    ];
    for (const url of urls) expect(await problemOf(await follow(url))).toEqual(refused(404, "unknown-link"));
  });

  test("shows nothing once it has expired, or its picture is gone", async () => {
    expect(await problemOf(await follow(linkOf({ expiresAtMs: stack.clock.now() - 1 })))).toEqual(
      refused(410, "expired-link"),
    );
    const gone = "evidence/doorstep-dev-camera-porch/s-1/2-frame.jpg";
    await store(gone, picture);
    expect((await follow(linkOf({ objectKey: gone }))).status).toBe(302);
    await new S3Client(stack.config).send(new DeleteObjectCommand({ Bucket: bucket, Key: gone }));
    expect(await problemOf(await follow(linkOf({ objectKey: gone })))).toEqual(refused(404, "picture-gone"));
  });

  test("says why as a page to a browser", async () => {
    const response = await follow(linkOf({ expiresAtMs: 1 }), { accept: "text/html,*/*" });
    expect([response.status, response.headers.get("content-type")]).toEqual([
      410,
      "text/html; charset=utf-8",
    ]);
    expect(response.headers.get("content-security-policy")).toBe(pageSecurity);
    expect(await response.text()).toContain("<h1>The link has expired</h1>");
  });
});

describe("a link to a snooze", () => {
  const html = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
  const linkOf = (cameraId: string, expiresAtMs = inADay()) =>
    `${api}/snooze/${snoozeToken(key, { cameraId, ruleIds: ["night-people"], expiresAtMs })}`;
  const snoozed = async () =>
    (await settings.snoozes(stack.clock.now())).map(({ of, untilMs }) => [
      `${of.kind} ${of.id}`,
      Math.ceil((untilMs - stack.clock.now()) / MINUTE_MS),
    ]);
  const form = (fields: Record<string, string>) => ({ method: "POST", body: new URLSearchParams(fields) });

  test("shows a page and changes nothing, however often it is followed", async () => {
    for (let visit = 0; visit < 3; visit++) {
      const response = await fetch(`${linkOf("porch")}?minutes=60`, { headers: html });
      expect([response.status, response.headers.get("content-type")]).toEqual([
        200,
        "text/html; charset=utf-8",
      ]);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        "cache-control": "no-store",
        "content-security-policy": pageSecurity,
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
      });
      expect(await response.text()).toContain("<h1>Snooze the alerts of porch</h1>");
    }
    expect(await snoozed()).toEqual([]);
  });

  test("snoozes by a form, JSON or the query, shows it, and wakes again", async () => {
    const url = linkOf("porch");
    const page = await fetch(url, { ...form({ minutes: "15" }), headers: html });
    expect(await page.text()).toContain('role="status">No alerts of porch for 15 minutes.</p>');
    expect(await snoozed()).toEqual([["camera porch", 15]]);

    const headers = { accept: "application/json", "content-type": "application/json" };
    const body = JSON.stringify({ minutes: 480, rule: "night-people" });
    const response = await fetch(url, { method: "POST", headers, body });
    expect([response.status, await response.json()]).toEqual([
      200,
      {
        done: "No alerts of the rule night-people for 8 hours.",
        snoozes: [
          { camera: "porch", minutes: 15 },
          { rule: "night-people", minutes: 480 },
        ],
      },
    ]);
    await fetch(`${url}?minutes=10080`, { method: "POST" });
    expect(await snoozed()).toEqual([
      ["camera porch", 10_080],
      ["rule night-people", 480],
    ]);
    expect(await (await fetch(url)).json()).toEqual({
      snoozes: [
        { camera: "porch", minutes: 10_080 },
        { rule: "night-people", minutes: 480 },
      ],
    });
    const woken = await fetch(url, { ...form({ minutes: "0", rule: "" }), headers: html });
    expect(await woken.text()).toContain('role="status">Alerts of porch are on.</p>');
    expect(await snoozed()).toEqual([["rule night-people", 480]]);
    await fetch(url, form({ minutes: "0", rule: "night-people" }));
    expect(await snoozed()).toEqual([]);
  });

  test("does nothing that it is not for, and says why", async () => {
    const post = (url: string, init: RequestInit) => fetch(url, init).then(problemOf);
    const invalid = refused(422, "invalid-snooze");
    const url = linkOf("porch");
    expect(await post(url, form({ minutes: "100000" }))).toEqual(invalid);
    expect(await post(url, form({ minutes: "5", rule: "day-people" }))).toEqual(invalid);
    expect(await post(url, { method: "POST", body: '{"minutes":' })).toEqual(invalid);
    expect(await post(url, { method: "POST", body: "x".repeat(2000) })).toEqual(invalid);
    const forged = `${url.slice(0, -1)}${url.endsWith("A") ? "B" : "A"}`;
    expect(await post(forged, form({ minutes: "5" }))).toEqual(refused(404, "unknown-link"));
    expect(await post(linkOf("porch", 1), form({ minutes: "5" }))).toEqual(refused(410, "expired-link"));
    expect(await snoozed()).toEqual([]);
  });

  test("is over when its time is", async () => {
    const url = linkOf("yard", stack.clock.now() + 20 * MINUTE_MS);
    await fetch(url, form({ minutes: "15" }));
    stack.clock.turn(14 * MINUTE_MS);
    expect(await snoozed()).toEqual([["camera yard", 1]]);
    stack.clock.turn(MINUTE_MS + 1000);
    expect(await snoozed()).toEqual([]);
    expect(await (await fetch(url)).json()).toMatchObject({ snoozes: [{ camera: "yard", minutes: 0 }, {}] });
    stack.clock.turn(5 * MINUTE_MS);
    expect(await problemOf(await fetch(url))).toEqual(refused(410, "expired-link"));
  });
});

test("a camera that a link has snoozed raises no alert, with that reason, and one that is awake again does", async () => {
  const fleet = await Fleet.open("doorstep-dev", stack.config, stack.clock);
  const journey = await Journey.begin("doorstep-dev", stack.config, stack.clock);
  const alerts = alertsTable(stack.local.outputs["AlertsTableName"]!, new DynamoDBClient(stack.config));
  await settings.putRule(
    v.parse(alertRule, { ruleId: "people", labels: { PERSON: 50 }, targets: ["phone"] }),
  );
  const { camera } = await fleet.add({ cameraId: "gate", engine: "frames" });
  const snooze = `${api}/snooze/${snoozeToken(key, { cameraId: "gate", ruleIds: ["people"], expiresAtMs: inADay() })}`;
  /** Motion as long as the clip, and what was decided about the person in it. */
  const decidedOf = async () => {
    const { startMs } = await journey.upload({ ...clip!, cameraId: "gate" }, camera);
    await fleet.sendMotion(camera, "start", { at: startMs, maxDurationSeconds: 16 });
    await fleet.sendMotion(camera, "stop", { at: startMs + 16_000 });
    const decided = () => stack.local.cloud.events.matching(({ name }) => name === "record-accepted").length;
    for (;;) {
      const before = decided();
      await stack.flushFirehose();
      const { rows } = await journey.query(
        `SELECT decision, reason FROM alert_decisions WHERE camera_id = 'gate' AND label = 'PERSON' AND detected_at_ms >= ${startMs}`,
      );
      if (rows.length > 0) return rows;
      await stack.local.cloud.events.waitFor(() => decided() > before);
    }
  };
  await fetch(snooze, { method: "POST" });
  expect(await decidedOf()).toEqual([["suppressed", "snoozed"]]);
  expect((await alerts.find("gate"))?.alerts ?? []).toEqual([]);
  await fetch(`${snooze}?minutes=0`, { method: "POST" });
  stack.clock.turn(MINUTE_MS);
  expect(await decidedOf()).toEqual([["raised", "first-detection"]]);
});

test("the functions' roles suffice", () => {
  expect(stack.local.cloud.access.log.denials).toEqual([]);
});
