import type { DrawingDocument } from "../../report/figure.ts";

/**
 * A document to draw charts in. It is loaded only when a page is made: it is large, and the npm package leaves it out.
 * @throws Error that says how to install it
 */
export async function drawingDocument(): Promise<DrawingDocument> {
  let jsdom;
  try {
    jsdom = await import("jsdom");
  } catch (error) {
    throw new Error(
      "the page's charts are drawn by jsdom, which is missing; install it with `npm install jsdom` beside the command, or ask for the numbers alone with --json",
      { cause: error },
    );
  }
  return new jsdom.JSDOM("").window.document;
}
