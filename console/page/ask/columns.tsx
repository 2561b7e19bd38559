import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { SavedQueries } from "../../../schemas/console/queries.ts";

/** The views and tables that SQL may name, with their columns. */
export function Columns({ tables }: { readonly tables: SavedQueries["tables"] }): JSX.Element {
  const [search, setSearch] = useState("");
  const words = search.trim().toLowerCase();
  const found = tables
    .map((table) => ({
      ...table,
      columns: table.columns.filter(
        ({ name, comment }) =>
          words === "" || table.name.includes(words) || `${name} ${comment}`.toLowerCase().includes(words),
      ),
    }))
    .filter(({ columns }) => columns.length > 0);
  return (
    <aside class="ask-columns" aria-label="Views and tables">
      <label class="field">
        <span>Views and tables</span>
        <input
          type="search"
          value={search}
          placeholder="Search columns"
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      </label>
      <div class="ask-tables" tabIndex={0} role="region" aria-label="Columns">
        {found.map(({ name, kind, description, columns }) => (
          <details key={name} open={words !== ""}>
            <summary>
              <code>{name}</code> <small>{kind}</small>
            </summary>
            <p class="quiet-text">{description}</p>
            <dl>
              {columns.map((column) => (
                <div key={column.name}>
                  <dt>
                    <code>{column.name}</code> <small>{column.type}</small>
                  </dt>
                  <dd>{column.comment}</dd>
                </div>
              ))}
            </dl>
          </details>
        ))}
        {found.length === 0 && <p class="quiet-text">No column has these words.</p>}
      </div>
    </aside>
  );
}
