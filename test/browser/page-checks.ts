import assert from "node:assert/strict";
import axe from "axe-core";
import type { Page } from "playwright-core";

/** Fails if the page scrolls sideways, or if a name with markup ran as such. */
export async function checkLayout(page: Page): Promise<void> {
  const [wide, seen] = (await page.evaluate(
    "[document.documentElement.scrollWidth, document.documentElement.clientWidth]",
  )) as [number, number];
  assert.ok(wide <= seen, `the page is ${wide} px wide in a window of ${seen} px`);
  assert.notEqual(await page.title(), "broken", "hostile names run nothing");
}

/** Fails on what axe-core finds. */
export async function checkAccessibility(page: Page): Promise<void> {
  await page.evaluate(axe.source);
  const found = await page.evaluate<string[]>(
    `axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => id + ": " + html.slice(0, 160) + " " + failureSummary)))`,
  );
  assert.deepEqual(found, [], "axe-core finds nothing");
}
