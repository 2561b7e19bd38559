import { existsSync, globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { hello } from "../../local/hello/index.ts";
import { servicesOf, withServices } from "../../tools/docs/local-services.ts";

const folder = fileURLToPath(new URL("../../local/", import.meta.url));

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

const started = await servicesOf([hello]);

test("every service folder is started, and named after its folder", () => {
  expect([...started.keys()].toSorted()).toEqual(services);
});

describe.each(services)("the service %s", (service) => {
  test("has an action per file, with the action's name, and serves all of them", () => {
    const actions = (started.get(service)!.apis ?? []).flatMap((api) =>
      typeof api.actions === "string" ? [] : api.actions,
    );
    const files = actionFilesOf(service).map((file) => inside(service, file));
    expect(files.toSorted()).toEqual(actions.map((action) => `actions/${kebab(action)}.ts`).toSorted());
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

test("local/README.md lists every service, action and resource type (npm run docs)", () => {
  const usual = new Map([...started].filter(([name]) => name !== "hello"));
  const cells = (page: string): string => page.replaceAll(/ +|-{3,}/g, " ");
  expect(cells(withServices(text("README.md"), usual))).toBe(cells(text("README.md")));
});
