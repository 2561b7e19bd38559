import { FirehoseClient } from "@aws-sdk/client-firehose";
import { S3Client } from "@aws-sdk/client-s3";
import { expect, test } from "@jest/globals";
import { putRecords } from "../../operator/delivery-stream.ts";
import { textObjects, type TextObjects } from "../../operator/objects.ts";
import type { AlertDecision } from "../../schemas/alert-decision.ts";
import { doorstep } from "../cli/process.ts";
import { useStack } from "../cli/stack.ts";
import { redrive } from "./failures/redrive.ts";
import type { TestStack } from "./stack.ts";

const STREAM = "doorstep-dev-alerts";
const ERRORS = "errors/alert_records/processing-failed/";
const DETECTED_AT_MS = Date.UTC(2026, 2, 2, 10, 59, 58);

let stack: TestStack;
let lake: TextObjects;

const decision = (labelId: string, change: Partial<AlertDecision>): AlertDecision => ({
  type: "ALERT_DECISION",
  eventId: "e1",
  labelId,
  cameraId: "front-door",
  sessionId: "s1",
  label: "PERSON",
  confidence: 91.5,
  detectedAtMs: DETECTED_AT_MS,
  decidedAtMs: DETECTED_AT_MS + 1250,
  decision: "suppressed",
  reason: "no-rule",
  ...change,
});
const inAlert = { ruleId: "people", severity: "warning", alertId: "front-door-1772449140000" } as const;
const raised = decision("1", { decision: "raised", reason: "first-detection", revision: 1, ...inAlert });
const merged = decision("2", {
  label: "PACKAGE",
  detectedAtMs: DETECTED_AT_MS + 4000,
  decidedAtMs: DETECTED_AT_MS + 5000,
  decision: "merged",
  reason: "new-label",
  revision: 2,
  ...inAlert,
});
const suppressed = decision("3", { label: "PET", confidence: null });
const broken = { ...suppressed, reason: "weather" };

const put = async (...records: readonly object[]) => {
  const bytes = records.map((one) => Buffer.from(JSON.stringify(one)));
  const refusals = await putRecords(STREAM, bytes, new FirehoseClient(stack.config), stack.clock);
  expect(refusals).toEqual(records.map(() => undefined));
  await stack.flushFirehose();
};
const rows = async (sql: string) => (await stack.journey.query(sql)).rows;

useStack(async (started) => {
  stack = started;
  lake = textObjects(
    stack.journey.outputs.LakeBucketName,
    new S3Client({ ...stack.config, forcePathStyle: true }),
  );
  await put(raised, merged, suppressed, broken);
  await put(raised);
});

test("a decision that is put into the delivery stream twice is two rows of its hour, and one of alert_decisions", async () => {
  expect(
    await rows(`SELECT dt, hour, label_id, count(*) FROM alert_records GROUP BY 1, 2, 3 ORDER BY label_id`),
  ).toEqual([
    ["2026-03-02", "10", "1", "2"],
    ["2026-03-02", "11", "2", "1"],
    ["2026-03-02", "10", "3", "1"],
  ]);
  expect(
    await rows(
      `SELECT label, decision, reason, rule_id, alert_id, revision, confidence, time_to_decision_ms
       FROM alert_decisions WHERE dt = '2026-03-02' ORDER BY label_id`,
    ),
  ).toEqual([
    ["PERSON", "raised", "first-detection", "people", inAlert.alertId, "1", "91.5", "1250"],
    ["PACKAGE", "merged", "new-label", "people", inAlert.alertId, "2", "91.5", "1000"],
    ["PET", "suppressed", "no-rule", null, null, null, null, "1250"],
  ]);
});

test("the decisions of one alert are one row of alerts, in the hour of the one that raised it", async () => {
  expect(
    await rows(
      `SELECT alert_id, camera_id, severity, labels, rules, raised_at, revisions, merged_detections, hour
       FROM alerts WHERE dt = '2026-03-02'`,
    ),
  ).toEqual([
    [inAlert.alertId, "front-door", "warning", "[PACKAGE, PERSON]", "[people]", "2026-03-02 10:59:59.250", "2", "1", "10"],
  ]); // prettier-ignore
});

test("a record that is no decision is kept among the errors, which doctor explains and redrive puts back", async () => {
  const kept = await Promise.all((await lake.list(ERRORS)).map(({ key }) => lake.read(key)));
  const { rawData } = JSON.parse(kept.join("")) as { rawData: string };
  expect(JSON.parse(Buffer.from(rawData, "base64").toString())).toEqual(broken);
  expect((await doorstep(["doctor"])).stdout).toContain(
    "/errors/alert_records/processing-failed; the first: reason is text of 7 characters; expected ",
  );
  expect(await redrive("--from", "alert-errors")).toMatchObject({
    exitCode: 0,
    paths: [{ path: "alert-errors", waiting: 1, redriven: 1, left: [] }],
  });
  await stack.flushFirehose();
  const { paths } = await redrive("--from", "alert-errors");
  expect(paths[0]!.left[0]!.reason).toContain("reason is text of 7 characters");
});

test("a redrive of the raw backup puts every record back, and the views stay as they are", async () => {
  const before = await rows("SELECT * FROM alerts ORDER BY alert_id");
  const { exitCode, paths } = await redrive("--from", "raw", "--since", new Date(stack.clock.now() - 3_600_000).toISOString()); // prettier-ignore
  expect({ exitCode, paths }).toMatchObject({ exitCode: 0, paths: [{ redriven: 6, left: [] }] });
  await stack.flushFirehose();
  expect(await rows("SELECT count(*) FROM alert_decisions")).toEqual([["3"]]);
  expect(await rows("SELECT * FROM alerts ORDER BY alert_id")).toEqual(before);
});
