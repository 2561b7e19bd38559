import { createRequire } from "node:module";
import type { DrawingDocument } from "../../report/figure.ts";

/**
 * Checks that charts can be drawn, before any long query runs.
 * @throws Error that says how to install jsdom
 */
export function requireDrawing(): void {
  try {
    createRequire(import.meta.url).resolve("jsdom");
  } catch (error) {
    throw new Error(
      "jsdom, which draws the page's charts, is missing; install it beside the command with `npm install jsdom`, or use --json alone for the numbers",
      { cause: error },
    );
  }
}

/** A document to draw charts in. Loaded only when a page is written: jsdom is large, and not part of the npm package. */
export async function drawingDocument(): Promise<DrawingDocument> {
  const { JSDOM } = await import("jsdom");
  return new JSDOM("").window.document;
}
