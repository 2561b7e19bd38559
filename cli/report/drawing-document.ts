import { createRequire } from "node:module";
import type { DrawingDocument } from "../../report/figure.ts";

/**
 * Makes sure that charts can be drawn, before anything long is begun for them.
 * @throws Error that says how to install what draws them
 */
export function requireDrawing(): void {
  try {
    createRequire(import.meta.url).resolve("jsdom");
  } catch (error) {
    throw new Error(
      "the page's charts are drawn by jsdom, which is missing; install it with `npm install jsdom` beside the command, or ask for the numbers alone with --json",
      { cause: error },
    );
  }
}

/** A document to draw charts in. It is loaded only when a page is made: it is large, and the npm package leaves it out. */
export async function drawingDocument(): Promise<DrawingDocument> {
  const { JSDOM } = await import("jsdom");
  return new JSDOM("").window.document;
}
