import { html, type Content, type Markup } from "./html.ts";

export interface TableColumn {
  readonly head: string;
  readonly isNumber?: boolean;
}

/** Content of a cell, with a sort key if that is not the text. */
export type Cell = Content | { readonly shown: Content; readonly value: number | null };

const isValued = (cell: Cell): cell is { readonly shown: Content; readonly value: number | null } =>
  typeof cell === "object" && cell !== null && "shown" in cell;

/** A table that readers can sort by its column heads. */
export const table = (
  caption: string,
  columns: readonly TableColumn[],
  rows: readonly (readonly Cell[])[],
): Markup =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}">
    <table class="sortable">
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map(
            ({ head, isNumber }) =>
              html`<th scope="col" class="${isNumber && "number"}">
                <button type="button">${head}</button>
              </th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (cells) =>
            html`<tr>
              ${cells.map((cell, index) => tableCell(cell, index, columns[index]!))}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;

function tableCell(cell: Cell, index: number, { head, isNumber }: TableColumn): Markup {
  const shown = isValued(cell) ? cell.shown : cell;
  const value = isValued(cell) ? html` data-value="${cell.value ?? ""}"` : "";
  const kind = isNumber ? html` class="number"` : "";
  return index === 0
    ? html`<th scope="row" ${kind} ${value}>${shown}</th>`
    : html`<td ${kind} ${value} data-head="${head}">${shown}</td>`;
}
