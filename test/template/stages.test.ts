import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { packageService } from "../../demo/package-service.ts";
import { readTemplate, type Template } from "../../local/template/template.ts";
import { givenNames } from "../../resources/rules/names.ts";
import type { CompiledTemplate } from "../../resources/rules/template.ts";
import TemplatePlugin from "../../tools/template-plugin.js";
import { EVERYTHING, resolved, template } from "./compiled.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** Whatever the bundles, the template and the plugins that make them are made from. */
const ROOMS = [
  "aws",
  "base",
  "core",
  "engines",
  "functions",
  "local",
  "resources",
  "schemas",
  "tools",
  "uploader",
];
const LONG_STAGE = "a-stage-of-thirty-two-characters";

/** A copy of what is packaged, so that the project's own package stays as it is. */
const folder = mkdtempSync(join(tmpdir(), "doorstep-stage-"));
let other: Template;

beforeAll(async () => {
  for (const name of ROOMS) cpSync(join(root, name), join(folder, name), { recursive: true });
  for (const name of ["serverless.yml", "package.json"]) cpSync(join(root, name), join(folder, name));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const options = ["--stage", LONG_STAGE, "--region", "eu-west-1", "--param", "keepData=false"];
  await packageService({ folder, options });
  other = readTemplate(join(folder, ".serverless/cloudformation-template-update-stack.json"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const names = (of: Template) => givenNames(of as unknown as CompiledTemplate);
const database = (of: Template) =>
  (of.Resources["LakeDatabase"]!.Properties!["DatabaseInput"] as { Name: string }).Name;

describe("another stage in another Region", () => {
  test("has the same resources", () => {
    const kinds = ({ Resources }: Template) => Object.entries(Resources).map(([id, { Type }]) => [id, Type]);
    expect(kinds(other)).toEqual(kinds(template));
  });

  test("has names that all fit, with the longest stage there may be", () => {
    expect(LONG_STAGE).toHaveLength(32);
    expect(names(other).length).toBeGreaterThan(20);
    expect(names(other).filter(({ fits }) => !fits)).toEqual([]);
  });

  test("has room for a stage of 40 characters at most, in a function's name", () => {
    const room = names(other)
      .filter(({ name }) => name.includes(LONG_STAGE))
      .map(({ maxLength, name, type }) => ({ type, room: maxLength - name.length + LONG_STAGE.length }));
    expect(room.toSorted((a, b) => a.room - b.room)[0]).toEqual({ type: "AWS::Lambda::Function", room: 40 });
  });

  test("leaves room for the longest camera id in the names of a stream's processor and of the stream", () => {
    const prefix = other.Outputs!["CameraPrefix"]!.Value as string;
    expect(prefix).toBe("doorstep-a-stage-of-thirty-two-characters-camera-");
    // A camera's id has up to 63 characters, a processor's name up to 128, a stream's up to 256 (documented).
    expect(prefix.length + 63).toBeLessThanOrEqual(128);
  });

  test("shares no name with the first", () => {
    const first = new Set(names(template).map(({ type, name }) => `${type} ${name}`));
    expect(names(other).filter(({ type, name }) => first.has(`${type} ${name}`))).toEqual([]);
    expect([database(template), database(other)]).toEqual([
      "doorstep_dev",
      "doorstep_a_stage_of_thirty_two_characters",
    ]);
  });

  test("names no bucket, for buckets' names are the whole world's, and exports nothing", () => {
    expect(names(other).filter(({ type }) => type === "AWS::S3::Bucket")).toEqual([]);
    expect(JSON.stringify(other.Outputs)).not.toContain('"Export"');
  });

  test("loses its data with the stack where it was packaged so", () => {
    const kept = Object.values(other.Resources).filter(({ DeletionPolicy }) => DeletionPolicy !== "Delete");
    expect(kept.filter(({ Type }) => /Secret$|Bucket$/.test(Type))).toHaveLength(1);
    expect(other.Resources["ServerlessDeploymentBucket"]!.DeletionPolicy).toBeUndefined();
  });
});

describe("any partition", () => {
  test.each([
    ["aws-cn", "cn-north-1"],
    ["aws-us-gov", "us-gov-west-1"],
  ])("%s: no ARN of another partition is named, and no other Region", async (partition, region) => {
    const made = await resolved(EVERYTHING, { partition, region });
    const text = JSON.stringify(made);
    const arns = text.match(/arn:[a-z-]*:/g) ?? [];
    expect(arns.length).toBeGreaterThan(20);
    expect(arns.filter((arn) => arn !== `arn:${partition}:`)).toEqual([]);
    expect(text.match(/\b(us|eu|ap|sa|ca)-[a-z]+-\d\b/g)?.filter((one) => one !== region) ?? []).toEqual([]);
  });
});

describe("packaging refuses, with what to change,", () => {
  test("a stage that cannot be, and what keepData cannot be, at once", async () => {
    const options = ["--stage", "Prod", "--param", "keepData=maybe"];
    const { message } = await packageService({ folder, options }).then(
      () => new Error("packaged"),
      (error: Error) => error,
    );
    expect(message).toContain(
      'the stage "Prod" does not fit: expected lower-case letters, digits and single hyphens, a letter first; give another one with --stage',
    );
    expect(message).toContain(
      'keepData is "maybe"; expected true, or false for a stack whose data may be deleted with it',
    );
  });

  test("every parameter that does not fit, at once", () => {
    const given = { LogRetentionDays: "31", KmsKeyArn: "alias/ours", UploaderEnabled: "true" };
    const defaults = Object.entries(given).map(([name, Default]) => [
      name,
      { ...template.Parameters![name], Default },
    ]);
    const Parameters = { ...template.Parameters, ...Object.fromEntries(defaults) };
    const { hooks } = new TemplatePlugin({
      classes: { Error },
      getProvider: () => ({ getRegion: () => "us-east-1" }),
      service: {
        custom: { keepData: "true", parameterRules: template.Rules },
        provider: { compiledCloudFormationTemplate: { ...template, Parameters } },
      },
    });
    const refusal = () => hooks["after:aws:package:finalize:mergeCustomProviderResources"]();
    expect(refusal).toThrow('KmsKeyArn is "alias/ours"; expected the ARN of a symmetric key');
    expect(refusal).toThrow('LogRetentionDays is "31"; expected one of 1, 3, 5, 7, 14, 30');
    expect(refusal).toThrow("uploaderNetwork is empty; an uploader needs vpc-.../subnet-...");
  });
});

test("every parameter of the template can be given by its name, in lower camel case", () => {
  const files = globSync("resources/*.yml", { cwd: root }).map((file) =>
    readFileSync(join(root, file), "utf8"),
  );
  const given = [...files.join("").matchAll(/^ {2}(\w+):\n(?: {4}.*\n)*? {4}Default: \$\{param:(\w+),/gm)];
  const names = Object.fromEntries(given.map(([, name, parameter]) => [name, parameter]));
  for (const name of Object.keys(template.Parameters!))
    expect([name, names[name]]).toEqual([name, name[0]!.toLowerCase() + name.slice(1)]);
});
