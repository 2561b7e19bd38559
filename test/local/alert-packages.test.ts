import { dirname, join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import * as v from "valibot";
import { alertSettingsTable } from "../../aws/alert-settings.ts";
import { alertsTable } from "../../aws/alerts.ts";
import { MINUTE_MS, SECOND_MS } from "../../base/durations.ts";
import { clipsOf } from "../../demo/clips.ts";
import { Journey } from "../../demo/journey.ts";
import { Fleet } from "../../operator/fleet.ts";
import type { AlertRecord } from "../../schemas/alert-record.ts";
import { alertRule } from "../../schemas/alert-rule.ts";
import type { Camera } from "../../schemas/camera.ts";
import { startStack, type TestStack } from "./stack.ts";

/** A courier leaves a package; and another scene, in which there is none. */
const [clip] = clipsOf([]);
const delivery = { file: clip!.file, durationMs: 16_000 };
const emptied = { file: join(dirname(clip!.file), "back-yard.mp4"), durationMs: 15_000 };
const REMINDER_MINUTES = 5;

let stack: TestStack;
let fleet: Fleet;
let journey: Journey;
let alerts: ReturnType<typeof alertsTable>;

beforeAll(async () => {
  stack = await startStack([dirname(clip!.file)]);
  const database = new DynamoDBClient(stack.config);
  const { outputs } = stack.local;
  fleet = await Fleet.open("doorstep-dev", stack.config, stack.clock);
  journey = await Journey.begin("doorstep-dev", stack.config, stack.clock);
  alerts = alertsTable(outputs["AlertsTableName"]!, database);
  await alertSettingsTable(outputs["AlertSettingsTableName"]!, database).putRule(
    v.parse(alertRule, {
      ruleId: "parcels",
      labels: { PACKAGE: 50 },
      targets: ["phone"],
      packageReminderMinutes: REMINDER_MINUTES,
    }),
  );
});
afterAll(() => stack.stop());

/** How many events the local cloud has had. */
const events = (): number => stack.local.cloud.events.matching(() => true).length;

/** The alerts of a camera once they are so; they are read again after each event of the local cloud. */
async function recordWhen(cameraId: string, isSo: (record: AlertRecord) => boolean): Promise<AlertRecord> {
  for (;;) {
    const before = events();
    const record = await alerts.find(cameraId);
    if (record && isSo(record)) return record;
    await stack.local.cloud.events.waitFor(() => events() > before);
  }
}

const film = (camera: Camera, { file }: typeof delivery) =>
  journey.upload({ ...clip!, cameraId: camera.cameraId, file }, camera);

/** Motion as long as a clip that ends now. */
async function motion(camera: Camera, filmed: typeof delivery): Promise<{ readonly startMs: number }> {
  const { startMs } = await film(camera, filmed);
  for (const [verb, body] of [
    ["start", { at: startMs, maxDurationSeconds: filmed.durationMs / SECOND_MS }],
    ["stop", { at: startMs + filmed.durationMs }],
  ] as const)
    expect((await fleet.sendMotion(camera, verb, body)).status).toBeLessThan(300);
  return { startMs };
}

/** Turns the clock to the look that the end of a motion makes due. */
async function look(cameraId: string): Promise<void> {
  const { watchedPackage } = await recordWhen(cameraId, (one) => one.watchedPackage?.lookAtMs !== undefined);
  stack.clock.turn(Math.max(0, watchedPackage!.lookAtMs! - stack.clock.now()) + SECOND_MS);
}

/** The package's state, once it is published. */
function stateOf({ alerts: all }: AlertRecord): string | undefined {
  const alert = all.find((one) => one.package);
  return alert && alert.publishedRevision === alert.revision ? alert.package!.state : undefined;
}

describe.each(["frames", "stream-processor"] as const)("a package at a camera of the engine %s", (engine) => {
  const cameraId = `porch-of-${engine}`;
  let camera: Camera;
  let alertId: string;

  test("was left, when the last image of its motion shows it", async () => {
    ({ camera } = await fleet.add({ cameraId, engine }));
    const { startMs } = await motion(camera, delivery);
    await look(cameraId);
    const record = await recordWhen(cameraId, (one) => stateOf(one) !== undefined);
    const [alert] = record.alerts;
    alertId = alert!.alertId;
    expect(record.alerts).toHaveLength(1);
    expect(stateOf(record)).toBe("left");
    // Within the last fragment of the video.
    expect(alert!.package!.atMs).toBeGreaterThan(startMs + delivery.durationMs - 5000);
    expect(alert!.package!.atMs).toBeLessThan(startMs + delivery.durationMs);
    expect(record.watchedPackage).toMatchObject({ alertId, isLeft: true });
  });

  test("is still there after the rule's minutes, as an image of that minute shows", async () => {
    const { watchedPackage } = (await alerts.find(cameraId))!;
    const remindAtMs = watchedPackage!.remindAtMs!;
    expect(remindAtMs).toBeGreaterThan(watchedPackage!.sinceMs + REMINDER_MINUTES * MINUTE_MS);
    stack.clock.turn(remindAtMs - 10 * SECOND_MS - stack.clock.now());
    await film(camera, delivery);
    stack.clock.turn(12 * SECOND_MS);
    const record = await recordWhen(cameraId, (one) => ![undefined, "left"].includes(stateOf(one)));
    expect(stateOf(record)).toBe("still-there");
    expect(record.alerts.find((one) => one.package)).toMatchObject({ alertId });
    expect(record.watchedPackage!.remindAtMs).toBe(undefined);
  });

  test("is gone, when the last image of a later motion shows none", async () => {
    stack.clock.turn(MINUTE_MS);
    await motion(camera, emptied);
    await look(cameraId);
    const record = await recordWhen(cameraId, (one) => one.watchedPackage === undefined);
    expect(record.alerts.find((one) => one.package)).toMatchObject({ alertId, package: { state: "gone" } });
  });
});
