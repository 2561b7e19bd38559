import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { unzipSync } from "fflate";
import { bundleOf, type Bundle } from "../../bench/bundle.ts";
import { artifactFolder } from "../../demo/package-service.ts";
import { template } from "./compiled.ts";

const functions = Object.entries(template.Resources)
  .filter(([, { Type }]) => Type === "AWS::Lambda::Function")
  .map(([, { Properties = {} }]) => ({
    name: String(Properties["FunctionName"]).replace("doorstep-dev-", ""),
    file: String(Properties["Handler"]).replace(/\.handler$/, ""),
    properties: Properties,
  }));

test("every function is on arm64 and the newest Node runtime of Lambda, with a memory and a timeout of its own or the service's", () => {
  expect(functions.length).toBeGreaterThanOrEqual(8);
  for (const { name, properties } of functions)
    expect([name, properties["Architectures"], properties["Runtime"], properties["MemorySize"]]).toEqual([
      name,
      ["arm64"],
      "nodejs24.x",
      // Two decode images, one holds rows of whole files.
      { sampleFrames: 1024, searchFaces: 1024, sweepFaces: 2048 }[name] ?? 512,
    ]);
});

describe.each(functions)("the zip of $name", ({ name, file }) => {
  const entries = unzipSync(readFileSync(`${artifactFolder}/${name}.zip`));

  test("holds its bundle alone: no other function's, no source map", () => {
    expect(Object.keys(entries)).toEqual([`${file}.mjs`]);
  });

  test("is minified ECMAScript without a mention of a map; its map lies beside the zips", () => {
    const text = Buffer.from(entries[`${file}.mjs`]!).toString("utf8");
    expect(/export\{[^}]* as handler[^}]*\}/.test(text)).toBe(true);
    expect(text.includes("sourceMappingURL")).toBe(false);
    expect(text.length / text.split("\n").length).toBeGreaterThan(200);
    const map = JSON.parse(
      readFileSync(`${artifactFolder}/source-maps/${file.replace("functions/", "")}.mjs.map`, "utf8"),
    ) as { sources: string[] };
    expect(map.sources.some((source) => source.endsWith(`${file}.ts`))).toBe(true);
  });
});

describe("a bundle holds no client that its function does not use:", () => {
  const bundles = new Map<string, Bundle>();
  beforeAll(async () => {
    for (const { file } of functions) bundles.set(file, await bundleOf(file));
  });

  const clients = (file: string) => bundles.get(`functions/${file}`)!.clients;

  test.each([
    ["start-session", ["dynamodb", "rekognition", "secrets-manager", "sqs"]],
    ["stop-session", ["dynamodb", "secrets-manager", "sqs"]],
    ["show-session", ["dynamodb", "secrets-manager"]],
    ["close-session", ["dynamodb", "sqs"]],
    [
      "drive-session",
      [
        "dynamodb",
        "eventbridge",
        "firehose",
        "kinesis-video",
        "kinesis-video-archived-media",
        "rekognition",
        "sqs",
      ],
    ],
    [
      "sample-frames",
      ["dynamodb", "kinesis-video", "kinesis-video-archived-media", "rekognition", "s3", "sns", "sqs"],
    ],
    [
      "raise-alerts",
      [
        "dynamodb",
        "eventbridge",
        "firehose",
        "kinesis-video",
        "kinesis-video-archived-media",
        "rekognition",
        "s3",
        "sqs",
      ],
    ],
    ["wake-sessions", ["dynamodb", "sqs"]],
    ["stop-processor", ["rekognition"]],
    ["transform", []],
  ])("%s has %j", (file, expected) => {
    expect(clients(file)).toEqual(expected);
  });

  test("the transform, which is run for every notification, has neither SDK nor logger nor middleware", () => {
    expect(bundles.get("functions/transform")!.packages).toEqual(["valibot"]);
  });
});
