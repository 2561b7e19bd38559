import { gzipSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import { loadPageFiles } from "../../console/page-files.ts";
import { SCREEN_IDS } from "../../schemas/console/screens.ts";

const MAX_SCRIPT_BYTES = 60_000;

describe("the page's files", () => {
  const loading = loadPageFiles();
  const textOf = async (path: string): Promise<string> => (await loading).get(path)!.body.toString();

  test("are the document at every screen's address, and what it loads", async () => {
    const files = await loading;
    expect([...files.keys()].toSorted()).toEqual(
      [
        "/",
        ...SCREEN_IDS.map((id) => `/${id}`),
        ...["icon.svg", "page.css", "page.js"].map((name) => `/assets/${name}`),
      ].toSorted(),
    );
    const loaded = [...(await textOf("/")).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path!);
    expect(loaded.filter((path) => !files.has(path))).toEqual([]);
  });

  test("have a script of at most 60 KB, compressed", async () => {
    expect(gzipSync((await loading).get("/assets/page.js")!.body).length).toBeLessThan(MAX_SCRIPT_BYTES);
  });

  test("have no script or style in the document, which the page's policy forbids", async () => {
    expect(await textOf("/")).not.toMatch(
      /<style|style=|<script(?! type="module" src="\/assets\/page.js"><)|\son\w+=/,
    );
  });

  test("take their colours from the report's theme", async () => {
    expect(await textOf("/assets/page.css")).toMatch(/--label-1:\s*light-dark\(/);
  });

  test("have tags of their content", async () => {
    const again = await loadPageFiles();
    for (const [path, { etag }] of await loading) expect(again.get(path)!.etag).toBe(etag);
  });
});
