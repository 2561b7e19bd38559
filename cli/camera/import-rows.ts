import * as v from "valibot";
import { CsvError, parseCsv } from "../csv.ts";
import type { Camera } from "../../schemas/camera.ts";
import { cameraId as cameraIdSchema } from "../../schemas/camera-id.ts";
import { UsageError } from "../command.ts";
import { COLUMNS, differences, SettingError, settingsOfCells, TAG_COLUMN, type Given } from "./settings.ts";

/** A valid row. */
export interface ImportRow extends Given {
  readonly line: number;
  readonly cameraId: string;
}

/** A row that is invalid or failed; without an id where it has none. */
export interface RowProblem {
  readonly line: number;
  readonly cameraId?: string;
  readonly reason: string;
}

/**
 * Reads a table of cameras. The header names the columns in any order; each row is validated separately.
 * @throws UsageError for invalid CSV, a missing header, and an unknown or repeated column
 */
export function readRows(text: string): { rows: ImportRow[]; problems: RowProblem[] } {
  const [header, ...body] = parsed(text);
  const columns = header?.cells.map((cell) => cell.trim()) ?? [];
  checkHeader(columns);
  const rows: ImportRow[] = [];
  const problems: RowProblem[] = [];
  const lineOf = new Map<string, number>();
  for (const { line, cells } of body) {
    const fail = (column: string, problem: string, id?: string) =>
      problems.push({
        line,
        ...(id !== undefined && { cameraId: id }),
        reason: `line ${line}, column ${column}: ${problem}`,
      });
    if (cells.length !== columns.length) {
      problems.push({
        line,
        reason: `line ${line}: ${cells.length} cells; expected ${columns.length} as in the header`,
      });
      continue;
    }
    const named = new Map(columns.map((column, index) => [column, cells[index]!]));
    const id = named.get("cameraId")!.trim();
    const checked = v.safeParse(cameraIdSchema, id);
    const firstLine = lineOf.get(id);
    if (!checked.success) fail("cameraId", `${id || "empty"}; ${checked.issues[0].message}`);
    else if (firstLine !== undefined)
      fail("cameraId", `${id} is on line ${firstLine} already; expected each camera once`, id);
    else {
      lineOf.set(id, line);
      try {
        rows.push({ line, cameraId: id, ...settingsOfCells(named) });
      } catch (error) {
        if (!(error instanceof SettingError)) throw error;
        fail(error.field, error.message, id);
      }
    }
  }
  return { rows, problems };
}

function parsed(text: string) {
  try {
    return parseCsv(text);
  } catch (error) {
    throw error instanceof CsvError ? new UsageError(error.message) : error;
  }
}

/** @throws UsageError */
function checkHeader(columns: readonly string[]): void {
  const known = `${COLUMNS.join(", ")} and tag:<key>`;
  if (!columns.includes("cameraId"))
    throw new UsageError(`line 1: no column cameraId; expected a header with it, and any of ${known}`);
  const stray = columns.find((column) => !COLUMNS.includes(column) && !TAG_COLUMN.test(column));
  if (stray !== undefined)
    throw new UsageError(`line 1: unknown column ${stray || "without a name"}; expected ${known}`);
  const twice = columns.find((column, index) => columns.indexOf(column) < index);
  if (twice !== undefined) throw new UsageError(`line 1: column ${twice} is repeated; expected it once`);
}

/** How a row differs from the registered camera, if it does; the stream's retention is not compared. */
export function conflictOf({ line, cameraId, settings }: ImportRow, camera: Camera): string | undefined {
  const fields = differences(camera, settings);
  return fields.length > 0
    ? `line ${line}: ${cameraId} is registered with other ${fields.join(", ")}; npx doorstep camera update ${cameraId} changes it`
    : undefined;
}
