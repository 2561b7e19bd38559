/** A row of a table in CSV. */
interface CsvRow {
  /** The line where the row begins, counted from 1; a quoted cell may span several lines. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** Text that is not valid CSV. */
export class CsvError extends Error {
  override readonly name = "CsvError";
}

/** A cell and its delimiter. */
const CELL = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/y;

/**
 * Parses comma-separated values (RFC 4180): a cell with commas, quotes or line breaks is enclosed in quotes, and each quote
 * in it is doubled. Skips a byte order mark and empty lines.
 * @throws CsvError that names the line, for a quote that is misplaced or never closed
 */
export function parseCsv(text: string): CsvRow[] {
  const rows: CsvRow[] = [];
  let line = 1;
  let cells: string[] = [];
  let startLine = line;
  CELL.lastIndex = text.startsWith("\uFEFF") ? 1 : 0;
  while (CELL.lastIndex < text.length || cells.length > 0) {
    const found = CELL.exec(text);
    if (!found)
      throw new CsvError(
        `line ${line}: a quote is out of place; enclose a cell with quotes in quotes, and double each quote in it`,
      );
    const [all, quoted, plain = "", end] = found;
    cells.push(quoted?.replaceAll('""', '"') ?? plain);
    line += all.match(/\r\n|\n|\r/g)?.length ?? 0;
    if (end === ",") continue;
    if (cells.length > 1 || cells[0] !== "" || quoted !== undefined) rows.push({ line: startLine, cells });
    cells = [];
    startLine = line;
  }
  return rows;
}
