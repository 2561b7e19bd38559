import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { JSDOM } from "jsdom";
import { html, trusted, type Content } from "../../report/html.ts";
import { renderEmptyReport, renderReport, type ReportInput } from "../../report/page.ts";
import { EMPTY_ROWS, HOSTILE, reportInput, ROWS } from "./fixture.ts";

/** How a page shows it: bidirectional characters appear as their code. */
const SHOWN = HOSTILE.replace("\u202e", "\\u202e");

describe("html", () => {
  test("escapes text, in content and in attributes, and joins markup", () => {
    const list: Content = ["<a>", html`<b>${1}</b>`, false, null, undefined];
    expect(html`<i title="${`"'&`}">${list}</i>${trusted("<hr>")}`.text).toBe(
      '<i title="&quot;&#39;&amp;">&lt;a&gt;<b>1</b></i><hr>',
    );
  });
});

describe("the page", () => {
  const input = reportInput();
  let page: string;
  let dom: JSDOM;
  let document: JSDOM["window"]["document"];
  beforeAll(() => {
    page = renderReport(input);
    dom = new JSDOM(page, { runScripts: "dangerously" });
    document = dom.window.document;
  });
  afterAll(() => dom.window.close());
  const textOf = (selector: string): string =>
    document.querySelector(selector)!.textContent!.replaceAll(/\s+/g, " ").trim();

  test("has every section, and links to each", () => {
    const ids = [...document.querySelectorAll("main > section")].map(({ id }) => id);
    expect(ids).toEqual([
      "recommendation",
      "summary",
      "evidence",
      "activity",
      "times",
      "simulation",
      "sweep",
      "coverage",
      "cameras",
    ]);
    for (const link of document.querySelectorAll("nav a"))
      expect(document.querySelector(link.getAttribute("href")!)).not.toBeNull();
  });

  test("recommends settings, with reasons and limits", () => {
    // Of 300 first detections, 285 are 95 %; only 200 have a confidence above 60.
    expect(textOf(".headline")).toBe("9 s with MinConfidence 60");
    expect(textOf("#recommendation")).toContain("300 of 300 by sessions of 30 s; 0 would be missed");
    expect(textOf(".limits")).toContain("100 of 600 motions are not in the shares");
  });

  test("begins with evidence until there is enough data for a recommendation", () => {
    const idsOf = (input: ReportInput): string[] =>
      [...renderReport(input).matchAll(/<section id="(\w+)"/g)].map(([, id]) => id!);
    expect(idsOf(reportInput()).slice(0, 3)).toEqual(["recommendation", "summary", "evidence"]);
    const recommendation = { kind: "too-little-data", label: "PERSON", firstDetections: 3 } as const;
    const profile = { ...reportInput().profile, recommendation };
    expect(idsOf({ ...reportInput(), profile }).slice(0, 3)).toEqual([
      "evidence",
      "summary",
      "recommendation",
    ]);
  });

  test("marks synthetic data, and what it recommends from it", () => {
    expect(document.querySelector(".synthetic")).toBeNull();
    const page = new JSDOM(renderReport({ ...reportInput(), isSynthetic: true })).window.document;
    expect(page.querySelector(".synthetic")!.textContent).toMatch(/^Synthetic data\./);
    expect(page.querySelector(".limits")!.textContent).toContain("says nothing about your cameras");
  });

  test("has ticks in the unit of the axis, never in thousandths", () => {
    const ticks = [
      ...document.querySelectorAll(
        ":is(#activity, #coverage figure:first-of-type) svg g[aria-label^='y-axis tick label'] text",
      ),
    ];
    expect(ticks.length).toBeGreaterThan(5);
    for (const { textContent } of ticks) expect(textContent).toMatch(/^[\d.]+K?$|^$/);
    expect(document.querySelector("#coverage svg")!.textContent).toContain("hours of motion");
    const shortened = (by: number) => {
      const coverage = ROWS.coverage.map((one) => ({ ...one, durationMs: one.durationMs / by }));
      const page = new JSDOM(renderReport(reportInput({ ...ROWS, coverage }))).window.document;
      return page.querySelector("#coverage svg")!.textContent;
    };
    expect(shortened(10)).toContain("minutes of motion");
    expect(shortened(100)).toContain("seconds of motion");
  });

  test("summarises sessions with and without detections, minutes and cost", () => {
    const tiles = [...document.querySelectorAll(".tiles div")].map(({ textContent }) => textContent!.replaceAll(/\s+/g, " ").trim());
    expect(tiles.slice(0, 3)).toEqual([
      "Cameras 7with sessions",
      "Motions 600chains of sessions",
      "Sessions 600240 without detections; also 6 failed, 0 lost",
    ]);
    expect(tiles[4]).toContain("300 min");
    expect(tiles[5]).toContain("$3.00");
  }); // prettier-ignore

  test("explains gaps, and that a session which detected all it wants leaves the rest out", () => {
    const gap = { ...ROWS.coverage[0]!, outcome: "gap", reason: "all-detected", intervals: 2, durationMs: 120_000 };
    const page = new JSDOM(renderReport(reportInput({ ...ROWS, coverage: [...ROWS.coverage, gap] }))).window.document;
    const text = page.querySelector("#coverage")!.textContent!.replaceAll(/\s+/g, " ");
    expect(text).toContain("; for 2.0 min, frames had detected every label of the camera already.");
    expect(text).toContain("all-detectedthe session had detected every label of the camera, and sampled no moregap2");
    expect(document.querySelector("#coverage")!.textContent).not.toContain("frames had detected");
  }); // prettier-ignore

  test("shows ids, labels, reasons and names of evidence as text, never as markup", () => {
    expect(document.querySelectorAll("img[src=x], [onerror]")).toHaveLength(0);
    expect(document.querySelectorAll("script")).toHaveLength(1);
    expect(document.querySelectorAll("img")).toHaveLength(1);
    expect(document.querySelector(".cameras h4 ~ *")).not.toBeNull();
    expect([...document.querySelectorAll(".cameras h4")].map(({ textContent }) => textContent)).toEqual([
      SHOWN,
      "porch",
      "all other cameras",
    ]);
    expect(document.querySelector("img")!.getAttribute("alt")).toBe(`PERSON at ${SHOWN}`);
  });

  test("shows the SQL of every figure", () => {
    for (const figure of document.querySelectorAll("figure"))
      expect(figure.querySelectorAll(".sql code").length).toBeGreaterThan(0);
    const shown = new Set([...document.querySelectorAll(".sql code")].map(({ textContent }) => textContent));
    const { cameras: _, ...sql } = input.sql;
    expect(shown).toEqual(new Set(Object.values(sql)));
  });

  test("marks unknown cells of the sweep, and the recommended cell", () => {
    const rows = [...document.querySelectorAll(".sweep")[0]!.querySelectorAll("tbody tr")];
    const row = (seconds: string) => rows.find(({ firstElementChild }) => firstElementChild!.textContent === seconds)!;
    expect(row("9 s").querySelector(".advised")!.getAttribute("title")).toBe(
      "9 s, confidence 60 or more: 300 kept, 0 missed",
    );
    expect(row("2 s").querySelectorAll("td")[0]!.getAttribute("title")).toBe("2 s, any confidence: 200 kept, 100 missed");
    expect(row("40 s").querySelectorAll(".unknown")).toHaveLength(11);
  }); // prettier-ignore

  test("sorts a table by its heads, numbers as numbers, and indicates the order", () => {
    const table = document.querySelector("#cameras table")!;
    const names = () => [...table.querySelectorAll("tbody th")].map(({ textContent }) => textContent);
    const head = table.querySelectorAll("th")[0]!;
    const button = head.querySelector("button")!;
    button.click();
    expect([head.getAttribute("aria-sort"), names()]).toEqual(["ascending", [SHOWN, "all other cameras", "porch"]]);
    button.click();
    expect([head.getAttribute("aria-sort"), names()]).toEqual(["descending", ["porch", "all other cameras", SHOWN]]);
    table.querySelectorAll("th")[1]!.querySelector("button")!.click();
    expect([head.getAttribute("aria-sort"), table.querySelectorAll("th")[1]!.getAttribute("aria-sort")]).toEqual([null, "descending"]);
  }); // prettier-ignore

  test("needs no network and is small", () => {
    const addresses = [...document.querySelectorAll("[src], [href]")].map(
      (element) => element.getAttribute("src") ?? element.getAttribute("href")!,
    );
    expect(addresses.filter((address) => !/^(#|data:)/.test(address))).toEqual([]);
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/@import|https?:\/\/(?!www\.w3\.org\/)/);
    expect(Buffer.byteLength(page)).toBeLessThan(400_000);
  });

  test("shows why a frame is missing", () => {
    expect(textOf(".missing")).toBe(`The frame no longer exists ${SHOWN}`);
  });
});

describe("a page without data", () => {
  const input = reportInput(EMPTY_ROWS);
  const textOf = (page: string) =>
    new JSDOM(page).window.document.querySelector("main")!.textContent!.replaceAll(/\s+/g, " ");

  test("explains how to fill an empty lake", () => {
    expect(textOf(renderEmptyReport(input, undefined))).toContain("doorstep simulate <folder>");
  });

  test("names the days with data where the range has none", () => {
    const page = renderEmptyReport(input, { firstDay: "2026-10-01", lastDay: "2026-10-09", isOther: false });
    expect(textOf(page)).toContain("The lake has data from 2026-10-01 to 2026-10-09");
    expect(textOf(page)).toContain("--from 2026-10-01T00:00:00Z");
  });

  test("says where the lake has synthetic data only, and how to see it", () => {
    const extent = { firstDay: "2026-10-01", lastDay: "2026-10-09", isOther: true };
    const text = textOf(renderEmptyReport(input, extent));
    expect(text).toContain("The lake has only synthetic data from 2026-10-01 to 2026-10-09");
    expect(text).toContain("report --synthetic --from 2026-10-01T00:00:00Z");
    const synthetic = textOf(renderEmptyReport({ ...input, isSynthetic: true }, extent));
    expect(synthetic).toContain(
      "The lake has no synthetic data; it has other data from 2026-10-01 to 2026-10-09",
    );
    expect(synthetic).not.toContain("--synthetic");
  });

  test("is complete where there were sessions, but no detections", () => {
    const { sessions, motions, coverage } = ROWS;
    const page = renderReport(reportInput({ ...EMPTY_ROWS, cameras: 7, sessions, motions, coverage }));
    expect(textOf(page)).toContain("Too little data for a recommendation");
    expect(textOf(page)).toContain("Sessions 600600 without detections");
  });
});
