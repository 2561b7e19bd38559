import * as Plot from "@observablehq/plot";
import { html, trusted, type Content, type Markup } from "./html.ts";

/** A DOM document to draw in, of a browser or jsdom. */
export type DrawingDocument = object;

/** Every chart is drawn for two widths and the page shows one of them: in a scaled chart, text would shrink. */
const WIDTHS = { wide: 998, narrow: 338 } as const;

export interface ChartSize {
  readonly width: number;
  readonly isNarrow: boolean;
}

/** @param label what the chart shows, for screen readers */
export function chart(
  document: DrawingDocument,
  label: string,
  options: (size: ChartSize) => Plot.PlotOptions,
): Markup {
  const draw = (name: keyof typeof WIDTHS): Markup => {
    const size = { width: WIDTHS[name], isNarrow: name === "narrow" };
    const svg = Plot.plot({
      document: document as never,
      width: size.width,
      ariaLabel: label,
      marginRight: 20,
      marginBottom: 44,
      ...options(size),
      style: { background: "none", fontSize: "12px" },
    });
    svg.setAttribute("role", "img");
    // Hundredths of a pixel are precise enough.
    return trusted(svg.outerHTML.replaceAll(/(\d+\.\d\d)\d+/g, "$1"));
  };
  return html`<div class="wide">${draw("wide")}</div>
    <div class="narrow">${draw("narrow")}</div>`;
}

/** A chart or table with its heading, an explanation, and the SQL of its data. */
export interface Figure {
  readonly title: string;
  readonly about?: Content;
  readonly body: Content;
  readonly note?: Content;
  /** Athena SQL. */
  readonly sql: readonly string[];
}

export const figure = ({ title, about, body, note, sql }: Figure): Markup =>
  html`<figure>
    <figcaption>
      <h3>${title}</h3>
      ${about && html`<p>${about}</p>`}
    </figcaption>
    ${body} ${note && html`<p class="note">${note}</p>`} ${sqlOf(sql)}
  </figure>`;

const sqlOf = (sql: readonly string[]): Markup =>
  html`<details class="sql">
    <summary>SQL</summary>
    ${sql.map(
      (text) =>
        html`<div>
          <button type="button" data-copy>Copy</button>
          <pre tabindex="0"><code>${text}</code></pre>
        </div>`,
    )}
  </details>`;
