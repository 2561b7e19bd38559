import { dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { clipsOf } from "../../../demo/clips.ts";
import type { Denial } from "../../../local/iam/access-log.ts";
import type { Policy, Statement } from "../../../local/iam/policy.ts";
import { startStack } from "../stack.ts";
import { BreakableStack } from "../failures/breakable-stack.ts";
import { Scene } from "./scene.ts";
import { UPLOADER_ON } from "../../support/parameters.ts";
import { describePermission, isListed, permissionsOf, unused } from "./permissions.ts";
import { exempts, PROVED_ELSEWHERE, UNUSED, WITHOUT_RESOURCE } from "./unused.ts";

const [clip] = clipsOf([]);
let scene: Scene;
let denials: readonly Denial[];

beforeAll(async () => {
  const parameters = { ...UPLOADER_ON, UploaderSourceBucket: "clips-of-ours" };
  scene = await Scene.open(await startStack([dirname(clip!.file)], { parameters }));
  await scene.alertRule();
  await scene.chain(clip!.cameraId, await scene.upload(clip!.cameraId, clip!.file));
  await scene.registerFrames("frames", true);
  // More samples than one step takes.
  await scene.chain("frames", await scene.upload("frames", clip!.file), 13);
  await scene.searchedFaces("faces");
  await scene.refusedStart("refused");
  await scene.call("POST", "refused", "motion/stop");
  await scene.retriedStart("retried");
  await scene.throttledStart("throttled");
  await scene.startWhileDue("due");
  await scene.brokenRecord("broken");
  await scene.lostSession("lost");
  await scene.badNotification();
  await scene.deliveredFace();
  await scene.sentAlerts();
  for (const cameraId of [clip!.cameraId, "frames"]) await scene.alertsEnded(cameraId);
  await scene.followedLinks();
  await scene.stack.flushFirehose();
  denials = scene.stack.local.cloud.access.log.denials;
  await deadLetters();
});
afterAll(() => scene.close());

/** Nothing can be handed on for the moment, so that it ends in the dead-letter queues. */
async function deadLetters(): Promise<void> {
  const broken = new BreakableStack(scene.stack);
  const records = { action: "firehose:PutRecordBatch" };
  const invocations = { action: "lambda:InvokeFunction" };
  const alerts = { action: "sqs:SendMessage", resourceEnd: ":doorstep-dev-alerts" };
  await broken.without([records, invocations, alerts], async () => {
    await scene.publish({ eventNamespace: { type: "LABEL_DETECTED" }, eventId: "not allowed to deliver it" });
    await scene.publish({ eventNamespace: { type: "STREAM_PROCESSING_COMPLETE" }, eventId: "nor this" });
    await scene.publishEnd("terrace");
    scene.stack.clock.turn(60_000);
    for (const queue of ["UndeliveredDetections", "UndeliveredSessions", "Undelivered", "MissedSchedules"])
      await broken.waiting(`${queue}Queue`);
    await broken.waiting("UnraisedQueue");
  });
  await broken.without([{ action: "dynamodb:Query" }], async () => {
    scene.stack.clock.turn(60_000);
    await broken.waiting("MissedSchedulesQueue", 2);
  });
}

const permissions = () => permissionsOf(scene.stack);
/** Those that are proved here. */
const proved = () => permissions().filter(({ owner }) => !(owner in PROVED_ELSEWHERE));
const ofRoles = () => proved().filter(({ isRoles }) => isRoles);

describe("the roles are sufficient", () => {
  test("for rows, raw backup and an error record in the lake, and evidence", async () => {
    const { LakeBucketName, EvidenceBucketName } = scene.stack.journey.outputs;
    const found = new Set(
      (await scene.keys(LakeBucketName)).map((key) => key.replace(/\/(dt=|hour=|doorstep-).*$/, "")),
    );
    expect([...found].toSorted()).toEqual([
      "alert_records",
      "detection_records",
      "errors/session_records/processing-failed",
      "face_records",
      "raw/alerts",
      "raw/detections",
      "raw/sessions",
      "session_records",
    ]);
    expect((await scene.keys(EvidenceBucketName)).length).toBeGreaterThan(0);
  });

  test("nothing that the stack does is refused", () => {
    expect(denials).toEqual([]);
  });
});

describe("the roles are minimal", () => {
  test("every permission of a role is used, or is listed with its reason", () => {
    expect(unused(ofRoles())).toEqual([]);
  });

  test("an unused one is reported by role, action, resource and statement", () => {
    const { access } = scene.stack.local.cloud;
    const role = access.role(scene.roleArn("TransformIamRoleLambdaExecution"))!;
    const more: Policy = {
      Statement: { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::lake/*" },
    };
    access.replacePolicies(role.arn, [...role.policies, more]);
    const found = unused(ofRoles());
    access.replacePolicies(role.arn, role.policies);
    expect(found).toEqual([
      "TransformIamRoleLambdaExecution: s3:GetObject on arn:aws:s3:::lake/* (policies[1].Statement[0])",
    ]);
  });

  test("every permission that a queue, a topic or a function gives is used, or is listed with its reason", () => {
    const ofResources = proved().filter(({ isRoles }) => !isRoles);
    expect(ofResources.length).toBeGreaterThanOrEqual(6);
    expect(unused(ofResources)).toEqual([]);
  });

  test("what is listed is granted, and not used", () => {
    const listed = UNUSED.flatMap((one) => one.actions.map((action) => ({ ...one, actions: [action] })));
    for (const one of listed) {
      const meant = permissions().filter(({ owner, action, resource }) =>
        exempts(one, owner, action, resource),
      );
      expect([one.role, one.actions, meant.length > 0]).toEqual([one.role, one.actions, true]);
      expect(meant.filter(({ isUsed }) => isUsed).map(describePermission)).toEqual([]);
    }
  });

  test("no action is a pattern, and every resource is named or bears the stack's name", () => {
    for (const one of permissions()) {
      expect(one.action).toMatch(/^[a-z0-9-]+:[A-Za-z]+$/);
      if (isListed(WITHOUT_RESOURCE, one)) expect(one.resource).toBe("*");
      else if (/[*?]/.test(one.resource)) expect(one.resource).toMatch(/doorstep[-_]dev|:::clips-of-ours\//);
    }
  });
});

describe("a service takes a role only for a resource of the stack", () => {
  const TOPIC = "arn:aws:sns:us-east-1:000000000000:doorstep-dev-detections";
  const STREAM = "arn:aws:firehose:us-east-1:000000000000:deliverystream/doorstep-dev-detections";
  const PROCESSOR = "arn:aws:rekognition:us-east-1:000000000000:streamprocessor/doorstep-dev-camera-porch";
  const byAccount = { "sts:ExternalId": "000000000000" };

  test.each([
    ["SubscriptionRole", "sns.amazonaws.com", TOPIC, {}],
    ["DeliveryRole", "firehose.amazonaws.com", STREAM, byAccount],
    ["RekognitionRole", "rekognition.amazonaws.com", PROCESSOR, {}],
  ])("%s by %s for %s", (id, service, source, context) => {
    const { access } = scene.stack.local.cloud;
    const assume = (of: Record<string, string>) => () => access.assumeRole(scene.roleArn(id), service, of);
    const refused = `${service} is not authorized to perform: sts:AssumeRole`;
    expect(assume({ ...context, "aws:SourceArn": source })).not.toThrow();
    for (const other of [
      `${source.slice(0, source.lastIndexOf(":"))}:other`,
      source.replace("000000000000", "1"),
    ])
      expect(assume({ ...context, "aws:SourceArn": other })).toThrow(refused);
    expect(assume({ ...context, "aws:SourceArn": source, "aws:SourceAccount": "111111111111" })).toThrow(
      refused,
    );
  });

  test.each([["SubscriptionRole"], ["DeliveryRole"]])("which it names when it takes %s", async (id) => {
    const { access, events } = scene.stack.local.cloud;
    const role = access.role(scene.roleArn(id))!;
    const accepted = () => events.matching(({ name }) => name === "record-accepted").length;
    const [acceptedBefore, deniedBefore] = [accepted(), access.log.denials.length];
    access.addRole({ ...role, trust: naming(role.trust) });
    try {
      await scene.publish({ eventNamespace: { type: "LABEL_DETECTED" }, eventId: "by a source with a name" });
      await events.waitFor(() => accepted() > acceptedBefore);
      await scene.stack.flushFirehose();
    } finally {
      access.addRole(role);
    }
    expect(access.log.denials.slice(deniedBefore)).toEqual([]);
  });
});

/** The same trust policy, where the source must be named. */
const naming = ({ Statement }: Policy): Policy => ({
  Statement: [Statement].flat().map((statement: Statement) => ({
    ...statement,
    Condition: { ...statement.Condition, Null: { "aws:SourceAccount": "false", "aws:SourceArn": "false" } },
  })),
});
