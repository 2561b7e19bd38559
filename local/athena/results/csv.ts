/** A row as `GetQueryResults` gives it; null is NULL. */
export type Row = readonly (string | null)[];

/**
 * One line of a result file: every value in double quotes, NULL as nothing at all (documented: Athena guide, "Work
 * with query results, recent queries, and output files").
 */
export const csvLine = (row: Row): string =>
  `${row.map((value) => (value === null ? "" : `"${value.replaceAll('"', '""')}"`)).join(",")}\n`;

const QUOTE = 0x22;
const COMMA = 0x2c;
const NEWLINE = 0x0a;

/** Rows read off the front of a result file. */
export interface CsvRows {
  readonly rows: Row[];
  /** How many bytes they took, their newlines included. */
  readonly sizeBytes: number;
}

/** Reads up to `maxRows` whole lines from bytes that begin at a line of `csvLine`; an unfinished last line is left. */
export function readCsv(bytes: Uint8Array, maxRows: number): CsvRows {
  const rows: Row[] = [];
  const decoder = new TextDecoder();
  let sizeBytes = 0;
  let row: (string | null)[] = [];
  let from = 0;
  let quoted = false;
  for (let index = 0; index < bytes.length && rows.length < maxRows; index++) {
    const byte = bytes[index];
    if (byte === QUOTE) quoted = !quoted;
    if (quoted || (byte !== COMMA && byte !== NEWLINE)) continue;
    const field = decoder.decode(bytes.subarray(from, index));
    row.push(field === "" ? null : field.slice(1, -1).replaceAll('""', '"'));
    from = index + 1;
    if (byte !== NEWLINE) continue;
    rows.push(row);
    row = [];
    sizeBytes = from;
  }
  return { rows, sizeBytes };
}
