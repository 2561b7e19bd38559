/** A row of `GetQueryResults`; null is NULL. */
export type Row = readonly (string | null)[];

/**
 * One line of a result file: every value in double quotes, NULL as an empty field (documented: Athena guide, "Work
 * with query results, recent queries, and output files").
 */
export const csvLine = (row: Row): string =>
  `${row.map((value) => (value === null ? "" : `"${value.replaceAll('"', '""')}"`)).join(",")}\n`;

const QUOTE = 0x22;
const COMMA = 0x2c;
const NEWLINE = 0x0a;

/** Rows read from the start of a result file. */
export interface RowsRead {
  readonly rows: Row[];
  /** The size of their lines, with newlines. */
  readonly sizeBytes: number;
}

/** Reads up to `maxRows` whole lines of `csvLine`, and no incomplete last line. */
export function readCsv(bytes: Uint8Array, maxRows: number): RowsRead {
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

/** Reads up to `maxRows` lines of a text result, one value each. */
export function readLines(bytes: Uint8Array, maxRows: number): RowsRead {
  const lines = Buffer.from(bytes).toString("utf8").split("\n").slice(0, -1).slice(0, maxRows);
  return {
    rows: lines.map((line) => [line]),
    sizeBytes: Buffer.byteLength(lines.map((line) => `${line}\n`).join("")),
  };
}
