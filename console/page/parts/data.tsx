import type { ComponentChildren, JSX } from "preact";
import { agoOf, exactTimeOf } from "./format.ts";
import { now } from "./clock.ts";
import { CopyButton } from "./controls.tsx";

/** A moment: the time of day, or how long ago it was; always with the exact time in UTC. */
export const Time = ({
  ms,
  relative = false,
}: {
  readonly ms: number;
  readonly relative?: boolean;
}): JSX.Element => {
  const iso = new Date(ms).toISOString();
  return (
    <time dateTime={iso} title={iso.replace("T", " ").replace("Z", " UTC")}>
      {relative ? agoOf(ms, now()) : exactTimeOf(ms)}
    </time>
  );
};

/** Names and values, one below the other. */
export const Facts = ({
  rows,
}: {
  readonly rows: readonly (readonly [name: string, value: ComponentChildren])[];
}): JSX.Element => (
  <dl class="facts">
    {rows.map(([name, value]) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);

export interface Column<R> {
  readonly head: string;
  readonly cell: (row: R) => ComponentChildren;
  readonly isNumber?: boolean;
}

/** Rows in a box that scrolls sideways by itself, so the page does not. */
export function Table<R>({
  caption,
  columns,
  rows,
  keyOf,
}: {
  readonly caption: string;
  readonly columns: readonly Column<R>[];
  readonly rows: readonly R[];
  readonly keyOf: (row: R, index: number) => string | number;
}): JSX.Element {
  return (
    <div class="table-scroll" role="region" aria-label={caption} tabIndex={0}>
      <table>
        <caption class="sr-only">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ head, isNumber }) => (
              <th key={head} scope="col" class={isNumber ? "number" : undefined}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={keyOf(row, index)}>
              {columns.map(({ head, cell, isNumber }) => (
                <td key={head} class={isNumber ? "number" : undefined}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Text as it is, with a button that copies it: JSON, SQL, a command. */
export const Code = ({ text, name }: { readonly text: string; readonly name: string }): JSX.Element => (
  <div class="code">
    <CopyButton text={text} />
    <pre tabIndex={0} aria-label={name}>
      <code>{text}</code>
    </pre>
  </div>
);

export const Json = ({ value, name }: { readonly value: unknown; readonly name: string }): JSX.Element => (
  <Code text={JSON.stringify(value, undefined, 2)} name={name} />
);
