import { dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { clipsOf } from "../../../demo/clips.ts";
import { templateFile } from "../../../demo/package-service.ts";
import { grantsOf, withoutGrant } from "../../../local/iam/grants.ts";
import type { Denial } from "../../../local/iam/access-log.ts";
import type { Policy } from "../../../local/iam/policy.ts";
import { readTemplate } from "../../../local/template/template.ts";
import { startStack } from "../stack.ts";
import { Scene } from "./scene.ts";
import { UPLOADER_ON } from "../../support/parameters.ts";
import { exempts, UNUSED } from "./unused.ts";

const [clip] = clipsOf([]);
let scene: Scene;
let videoStartMs: number;

beforeAll(async () => {
  scene = await Scene.open(await startStack([dirname(clip!.file)], { parameters: UPLOADER_ON }));
  videoStartMs = await scene.upload(clip!.cameraId, clip!.file);
});
afterAll(() => scene.close());

/** Every action of a role's statements in the template, except those that are listed as never used. */
function actionsOf(role: string): [action: string, statement: string][] {
  const { Properties } = readTemplate(templateFile).Resources[role]!;
  // A policy without a document has a condition that is false here: the use of the account owner's key.
  const inline = Properties!["Policies"] as { PolicyDocument?: Policy }[];
  const found = grantsOf(inline.flatMap(({ PolicyDocument }) => PolicyDocument ?? []))
    .filter(({ action, resource }) => !UNUSED.some((one) => exempts(one, role, action, String(resource))))
    .map(({ action, statement }) => `${action} ${statement}`);
  return [...new Set(found)].map((one) => one.split(" ") as [string, string]);
}

/** Runs without an action of a statement; returns what was refused meanwhile. */
async function without(
  role: string,
  action: string,
  statement: string,
  run: () => Promise<void>,
): Promise<readonly Denial[]> {
  const { access } = scene.stack.local.cloud;
  const roleArn = scene.roleArn(role);
  const { policies } = access.role(roleArn)!;
  const taken = access
    .grants()
    .get(roleArn)!
    .filter((one) => one.action === action && one.statement === statement);
  expect(taken.length).toBeGreaterThan(0);
  const before = access.log.denials.length;
  await scene.withPolicies(roleArn, taken.reduce<readonly Policy[]>(withoutGrant, policies), run);
  return access.log.denials.slice(before);
}

/** Each refusal names the role, the action and what was missing. */
function expectRefused(denials: readonly Denial[], role: string, action: string): void {
  expect(denials.length).toBeGreaterThan(0);
  for (const denial of denials) {
    expect(denial).toMatchObject({ principal: scene.roleArn(role), action });
    expect(denial.message).toContain(
      ` is not authorized to perform: ${action} on resource: ${denial.resource} `,
    );
    expect(denial.message).toContain(`because no identity-based policy allows the ${action} action`);
  }
}

describe("startSession fails with AccessDenied without", () => {
  const ROLE = "StartSessionIamRoleLambdaExecution";
  const SECRET = "secretsmanager:GetSecretValue";
  const actions = actionsOf(ROLE);
  let cameras = 0;

  /** A start of each engine, one that Rekognition refuses, and one on a session that is due to be checked. */
  async function starts(): Promise<number[]> {
    const [fresh, frames, faces, refused, due] = ["fresh", "frames", "faces", "refused", "due"].map(
      (name) => `${name}-${cameras}`,
    );
    cameras++;
    await scene.stack.journey.register(fresh!);
    await scene.registerFrames(frames!);
    await scene.registerFaceSearch(faces!);
    const responses = [
      await scene.call("POST", fresh!, "motion/start"),
      await scene.call("POST", frames!, "motion/start"),
      await scene.call("POST", faces!, "motion/start"),
      await scene.refusedStart(refused!),
      await scene.startWhileDue(due!),
    ];
    return responses.map(({ status }) => status);
  }

  // The secret first: a process reads it only once.
  test.each(actions.toSorted(([a], [b]) => Number(b === SECRET) - Number(a === SECRET)))(
    "%s of %s",
    async (action, statement) => {
      let statuses: number[] = [];
      const denials = await without(ROLE, action, statement, async () => {
        statuses = await starts();
      });
      expectRefused(denials, ROLE, action);
      expect(statuses).not.toEqual([202, 202, 202, 503, 200]);
    },
  );

  test("nothing: the responses are as expected", async () => {
    expect(actions.length).toBe(13);
    expect(await starts()).toEqual([202, 202, 202, 503, 200]);
  });
});

describe("a session fails with AccessDenied when Rekognition's role is without", () => {
  const ROLE = "RekognitionRole";

  test.each(actionsOf(ROLE))("%s of %s", async (action, statement) => {
    const denials = await without(ROLE, action, statement, async () => {
      const { name, detail } = await scene.session(clip!.cameraId, videoStartMs);
      expect(name).toBe("session-failed");
      expect(JSON.stringify(detail)).toMatch(/Access denied to (Kinesis Video|S3|SNS): /);
      expect(JSON.stringify(detail)).toContain(`is not authorized to perform: ${action} on resource: `);
    });
    expectRefused(denials, ROLE, action);
  });

  test("nothing: it completes", async () => {
    expect(actionsOf(ROLE)).toHaveLength(4);
    expect((await scene.session(clip!.cameraId, videoStartMs)).name).toBe("session-completed");
  });
});
