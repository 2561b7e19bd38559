/** A row of a table in CSV. */
export interface CsvRow {
  /** Where it begins, counted from 1; a quoted cell may go on over several lines. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** Text that is no CSV. */
export class CsvError extends Error {
  override readonly name = "CsvError";
}

/** A cell and what ends it, from where the last one ended. */
const CELL = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/y;

/**
 * The rows of comma-separated values (RFC 4180): a cell with commas, quotes or line breaks stands in quotes, a quote in
 * it twice. A byte order mark and empty lines are passed over.
 * @throws CsvError naming the line, for a quote that is out of place or never closed
 */
export function parseCsv(text: string): CsvRow[] {
  const rows: CsvRow[] = [];
  let line = 1;
  let cells: string[] = [];
  let begunAt = line;
  CELL.lastIndex = text.startsWith("\uFEFF") ? 1 : 0;
  while (CELL.lastIndex < text.length || cells.length > 0) {
    const found = CELL.exec(text);
    if (!found)
      throw new CsvError(
        `line ${line}: a quote is out of place; a cell with quotes stands in quotes, each of its own twice`,
      );
    const [all, quoted, plain = "", end] = found;
    cells.push(quoted?.replaceAll('""', '"') ?? plain);
    line += all.match(/\r\n|\n|\r/g)?.length ?? 0;
    if (end === ",") continue;
    if (cells.length > 1 || cells[0] !== "" || quoted !== undefined) rows.push({ line: begunAt, cells });
    cells = [];
    begunAt = line;
  }
  return rows;
}
