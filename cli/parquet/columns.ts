import type { Table } from "../../schemas/tables/column.ts";
import { columnValues, type ColumnValues, type LakeRow, type Leaf } from "./column-values.ts";

/** Rows that are taken apart at once, a column at a time: so few are gone again before they cost memory. */
const ROWS_AT_ONCE = 64;

/** Rows of a table, gathered by column as a file holds them: that takes far less memory than an object per row. */
export class Columns {
  readonly table: Table;
  count = 0;
  #rows: LakeRow[] = [];
  readonly #values = new Map<string, ColumnValues>();

  /** @throws Error that names a column whose type isn't written, or a timestamp without milliseconds beside it */
  constructor(table: Table) {
    this.table = table;
    for (const column of table.columns)
      if (column.type !== "timestamp") this.#values.set(column.name, columnValues(column));
    for (const { name, type } of table.columns)
      if (type === "timestamp" && !this.#values.has(`${name}_ms`))
        throw new Error(`column ${name}: no column ${name}_ms holds its milliseconds`);
  }

  /** Forgets the rows and keeps their memory for the next ones. */
  clear(): void {
    this.count = 0;
    this.#rows = [];
    for (const values of this.#values.values()) values.clear();
  }

  add(row: LakeRow): void {
    this.#rows.push(row);
    this.count++;
    if (this.#rows.length === ROWS_AT_ONCE) this.#takeApart();
  }

  #takeApart(): void {
    for (const values of this.#values.values()) values.take(this.#rows);
    this.#rows = [];
  }

  /** A timestamp is written from the epoch milliseconds in the column beside it, so that no text is read. */
  leaves(): Leaf[] {
    this.#takeApart();
    return this.table.columns.flatMap((column) => {
      const source = column.type === "timestamp" ? `${column.name}_ms` : column.name;
      return this.#values.get(source)!.leavesOf(column);
    });
  }
}
