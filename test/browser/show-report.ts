/**
 * Opens the report page in a real browser, in a narrow and a wide window, light and dark, and fails on console messages,
 * horizontal scrolling and tables that do not sort. Writes a screenshot of each. Uses Chromium from the path in CHROMIUM, by
 * default Debian's; without Chromium, it prints that and checks nothing.
 *
 *     node test/browser/show-report.ts [report.html]
 */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium, type Page } from "playwright-core";
import { renderReport } from "../../report/page.ts";
import { reportInput } from "../report/fixture.ts";

const WIDTHS = [390, 1440];
const SCHEMES = ["light", "dark"] as const;

const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const folder = mkdtempSync(join(tmpdir(), "doorstep-report-"));
const [given] = process.argv.slice(2);

if (existsSync(executablePath)) await checkAll();
else console.log(`Skipped: no Chromium at ${executablePath}; set CHROMIUM to its path`);

async function checkAll(): Promise<void> {
  const file = given === undefined ? join(folder, "report.html") : resolve(given);
  if (given === undefined) writeFileSync(file, renderReport(reportInput()));
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    for (const width of WIDTHS)
      for (const colorScheme of SCHEMES) {
        const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
        const messages: string[] = [];
        page.on("console", (message) => messages.push(message.text()));
        page.on("pageerror", (error) => messages.push(error.message));
        page.on("request", (request) => {
          if (!/^(file|data):/.test(request.url())) messages.push(`requested ${request.url()}`);
        });
        await page.goto(pathToFileURL(file).href);
        await check(page, colorScheme);
        assert.deepEqual(messages, [], "the console and the network stay silent");
        const picture = join(folder, `report-${width}-${colorScheme}.png`);
        await page.screenshot({ path: picture, fullPage: true });
        console.log(`${width} px, ${colorScheme}: fine, ${picture}`);
        await page.close();
      }
  } finally {
    await browser.close();
  }
}

async function check(page: Page, colorScheme: (typeof SCHEMES)[number]): Promise<void> {
  const [wide, seen] = (await page.evaluate(
    "[document.documentElement.scrollWidth, document.documentElement.clientWidth]",
  )) as [number, number];
  assert.ok(wide <= seen, `the page is ${wide} px wide in a window of ${seen} px`);
  const tooWide = (await page.evaluate(
    `[...document.querySelectorAll(".scroll, table")].filter((one) => one.scrollWidth > one.clientWidth + 1 || one.getBoundingClientRect().right > innerWidth).map((one) => one.innerText.slice(0, 40))`,
  )) as string[];
  assert.deepEqual(tooWide, [], "every table fits the window");
  const [evidenceTop, timesTop] = (await page.evaluate(
    `["#evidence", "#times"].map((id) => document.querySelector(id).getBoundingClientRect().top + scrollY)`,
  )) as [number, number];
  assert.ok(evidenceTop < 2000 && evidenceTop < timesTop, `evidence is ${evidenceTop} px down the page`);
  const brightness = (): Promise<unknown> =>
    page.evaluate(`(() => {
    const canvas = document.createElement("canvas").getContext("2d");
    canvas.fillStyle = getComputedStyle(document.body).backgroundColor;
    canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data[0] > 127 ? "light" : "dark";
  })()`);
  assert.equal(await brightness(), colorScheme);
  await page.locator("[data-theme-button]").click();
  assert.notEqual(await brightness(), colorScheme, "the button turns light to dark and back");
  await page.locator("[data-theme-button]").click();

  // With the keyboard, as with a click.
  const head = page.locator("#cameras table thead th").nth(1);
  await head.locator("button").focus();
  await page.keyboard.press("Enter");
  assert.equal(await head.getAttribute("aria-sort"), "descending");
  await page.keyboard.press("Enter");
  assert.equal(await head.getAttribute("aria-sort"), "ascending");
  const cells = await page.locator("#cameras table tbody tr td:nth-child(2)").allTextContents();
  const counts = cells.map((text) => Number(text.replaceAll(/\D/g, "")));
  assert.deepEqual(counts, counts.toSorted((a, b) => a - b)); // prettier-ignore

  await page.locator("#times .sql summary").first().click();
  await page.locator("#times .sql [data-copy]").first().click();
  await page
    .locator("#times .sql [data-copy]", { hasText: /Copied|Ctrl\+C/ })
    .first()
    .waitFor();
  await page.locator("#times .sql summary").first().click();
}
