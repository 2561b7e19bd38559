import type { Column, Table } from "../../schemas/tables/column.ts";

/** A row of a lake table, as the normaliser makes it. */
export type LakeRow = Readonly<Record<string, unknown>>;

/** Rows of a table, gathered as a list of values per column: that holds far less memory than an object per row. */
export class Columns {
  readonly table: Table;
  count = 0;
  readonly #lists: readonly { readonly name: string; readonly values: unknown[] }[];

  /** @throws Error that names a timestamp without milliseconds beside it */
  constructor(table: Table) {
    this.table = table;
    this.#lists = table.columns
      .filter(({ type }) => type !== "timestamp")
      .map(({ name }) => ({ name, values: [] }));
    for (const column of table.columns) this.valuesOf(column);
  }

  add(row: LakeRow): void {
    for (const { name, values } of this.#lists) values.push(row[name]);
    this.count++;
  }

  /** One value per row. A timestamp's are the epoch milliseconds in the column beside it, so that no text is read. */
  valuesOf({ name, type }: Column): readonly unknown[] {
    const source = type === "timestamp" ? `${name}_ms` : name;
    const list = this.#lists.find((each) => each.name === source);
    if (!list) throw new Error(`column ${name}: no column ${source} holds its milliseconds`);
    return list.values;
  }
}
