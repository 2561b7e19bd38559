import { existsSync, globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { hello } from "../../local/hello/index.ts";
import type { RunningService, Service } from "../../local/service.ts";
import { allServices } from "../../local/services.ts";
import { startTestCloud, type TestCloud } from "./cloud.ts";

const folder = fileURLToPath(new URL("../../local/", import.meta.url));

/** Services that a program behind the endpoint answers for: fauxqs, dynalite. They have no actions of their own. */
const PASSED_ON = ["dynamodb", "messaging", "s3"];

const text = (file: string): string => readFileSync(folder + file, "utf8");

const services = globSync("*/index.ts", { cwd: folder })
  .filter((file) => text(file).includes(`from "../service.ts"`))
  .map((file) => file.split("/")[0]!)
  .toSorted();

const filesOf = (service: string): string[] => globSync(`${service}/**/*.ts`, { cwd: folder });
const actionFilesOf = (service: string): string[] => globSync(`${service}/actions/**/*.ts`, { cwd: folder });

/** `GetHLSStreamingSessionURL` as `get-hls-streaming-session-url`. */
const kebab = (action: string): string =>
  action
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replaceAll(/([A-Z])([A-Z][a-z])/g, "$1-$2")
    .toLowerCase();

const camel = (name: string): string =>
  name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

/** A file's path below the service's folder. */
const inside = (service: string, file: string): string => file.slice(service.length + 1);

const started = new Map<string, RunningService>();
let local: TestCloud;

/** Starts a service and keeps what it serves. */
const watched = (service: Service): Service => ({
  ...service,
  start: async (cloud) => {
    const running = await service.start(cloud);
    started.set(service.name, running);
    return running;
  },
});

beforeAll(async () => {
  local = await startTestCloud({
    services: async (host) => [...(await allServices(0)(host)), hello].map(watched),
  });
});
afterAll(() => local.stop());

test("every service folder is started, and named after its folder", () => {
  expect([...started.keys()].toSorted()).toEqual(services);
});

describe.each(services)("the service %s", (service) => {
  test("has an action per file, with the action's name, and serves all of them", () => {
    const actions = (started.get(service)!.apis ?? []).flatMap((api) => api.actions ?? []);
    const files = actionFilesOf(service).map((file) => inside(service, file));
    expect(files.toSorted()).toEqual(actions.map((action) => `actions/${kebab(action)}.ts`).toSorted());
    if (!PASSED_ON.includes(service) && started.get(service)!.apis) expect(actions).not.toEqual([]);
  });

  test("exports the action of each file, and nothing else", async () => {
    for (const file of actionFilesOf(service)) {
      const exported = Object.keys((await import(folder + file)) as object);
      expect([file, exported]).toEqual([file, [camel(basename(file, ".ts"))]]);
    }
  });

  test("creates its API errors in errors.ts alone", () => {
    const strays = filesOf(service)
      .filter((file) => inside(service, file) !== "errors.ts")
      .filter((file) => /new AwsError\(/.test(text(file)));
    expect(strays).toEqual([]);
  });

  test("defines its CloudFormation resource types in resources.ts alone", () => {
    const strays = filesOf(service)
      .filter((file) => !/^resources(\/.*)?\.ts$/.test(inside(service, file)))
      .filter((file) => text(file).includes("template/resource.ts"));
    expect(strays).toEqual([]);
    const hasTypes = Object.keys(started.get(service)!.resources ?? {}).length > 0;
    expect(existsSync(`${folder}${service}/resources.ts`)).toBe(hasTypes);
  });

  test("keeps its state in state.ts", () => {
    const types = actionFilesOf(service).flatMap((file) =>
      [...text(file).matchAll(/\bAction(?:Context)?<(\w+)/g)].map(([, type]) => type!),
    );
    for (const type of new Set(types))
      if (type !== "undefined")
        expect(text(`${service}/state.ts`)).toMatch(new RegExp(`export (interface|class|type) ${type}\\b`));
  });
});
