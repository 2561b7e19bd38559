import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { templateFile } from "../../../demo/package-service.ts";
import { readTemplate, type Template } from "../../../local/template/template.ts";
import { startStack } from "../stack.ts";
import { Scene } from "./scene.ts";
import { UPLOADER_ON } from "../../support/parameters.ts";

const packaged = readTemplate(templateFile);

/** The template after a policy that allows everything but the start of stream processors. */
const bounded: Template = {
  ...packaged,
  Resources: {
    Bounds: {
      Type: "AWS::IAM::ManagedPolicy",
      Properties: {
        ManagedPolicyName: "bounds",
        PolicyDocument: {
          Version: "2012-10-17",
          Statement: { Effect: "Allow", NotAction: "rekognition:StartStreamProcessor", Resource: "*" },
        },
      },
    },
    ...packaged.Resources,
  },
};
const PermissionsBoundary = "arn:aws:iam::000000000000:policy/bounds";

let scene: Scene;
beforeAll(async () => {
  const parameters = { PermissionsBoundary, ...UPLOADER_ON };
  scene = await Scene.open(await startStack([], { template: bounded, parameters }));
});
afterAll(() => scene.close());

const roles = () => {
  const { stack, cloud } = scene.stack.local;
  return [...stack.resources.values()]
    .filter(({ type }) => type === "AWS::IAM::Role")
    .map(({ attributes }) => cloud.access.role(attributes!["Arn"]!)!);
};

test("every role that the stack makes gets the boundary that is given", () => {
  expect(roles().length).toBeGreaterThanOrEqual(12);
  expect(roles().filter(({ boundary }) => boundary === undefined)).toEqual([]);
});

test("a role may not do what its boundary leaves out, whatever its own policies say", async () => {
  await scene.stack.journey.register("porch");
  const { status, text } = await scene.call("POST", "porch", "motion/start");
  expect([status, JSON.parse(text)]).toEqual([
    503,
    expect.objectContaining({
      type: "/problems/start-refused",
      detail: expect.stringMatching(
        /^AccessDeniedException: User: .* is not authorized to perform: rekognition:StartStreamProcessor on resource: .*streamprocessor\/doorstep-dev-camera-porch because no permissions boundary allows the rekognition:StartStreamProcessor action$/,
      ),
    }),
  ]);
});

test("a boundary that does not exist is refused before anything starts", async () => {
  const parameters = { PermissionsBoundary: "arn:aws:iam::000000000000:policy/elsewhere" };
  await expect(startStack([], { parameters })).rejects.toThrow(
    "the managed policy arn:aws:iam::000000000000:policy/elsewhere is not emulated; define it in the template as an AWS::IAM::ManagedPolicy",
  );
});
