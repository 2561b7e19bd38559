import type { Column } from "@aws-sdk/client-glue";
import { errorMessage } from "../../base/errors.ts";
import { OperatorError } from "../errors.ts";
import type { FailedRecord } from "./error-lines.ts";
import { parseHiveType, type HiveField } from "./hive-type.ts";
import { ConversionError, parseDocuments } from "./json-documents.ts";
import { rowOf, type OpenXOptions } from "./open-x-json.ts";
import { parquetOf, type ParquetOptions } from "./parquet.ts";
import type { KeptRecord } from "./record-store.ts";

/** DuckDB errors that the rows are not to blame for; another attempt may succeed. */
const IS_MACHINES_FAULT = /^(Out of Memory|IO|Interrupt) Error|ENOSPC/;

/** What a buffer of records became. */
export interface Converted {
  /** Undefined when no record could be converted. */
  readonly parquet: Buffer | undefined;
  readonly rows: number;
  readonly converted: number;
  readonly failed: readonly FailedRecord[];
}

/**
 * The columns of a Glue table, without its partition keys.
 * @throws OperatorError that names a column whose type isn't emulated
 */
export function columnsOf(columns: readonly Column[] | undefined): HiveField[] {
  if (!columns?.length) throw new OperatorError("the table has no columns");
  return columns.map(({ Name: name = "", Type: type = "" }) => {
    try {
      return { name, type: parseHiveType(type) };
    } catch (error) {
      throw new OperatorError(`column ${name}: ${errorMessage(error)}`);
    }
  });
}

/**
 * Converts records of JSON to one Parquet file. Each record stands for itself: one with a bad document or value
 * fails whole, with its reason, and its neighbours are converted.
 * @param folder for temporary files
 * @throws Error when the machine lacks memory or disk; nothing is converted then
 */
export async function convert(
  records: readonly KeptRecord[],
  columns: readonly HiveField[],
  options: OpenXOptions & ParquetOptions,
  folder: string,
): Promise<Converted> {
  const rows: string[] = [];
  const good: KeptRecord[] = [];
  const failed: FailedRecord[] = [];
  for (const record of records) {
    try {
      rows.push(
        ...parseDocuments(record.data).map((document) => JSON.stringify(rowOf(document, columns, options))),
      );
      good.push(record);
    } catch (error) {
      if (!(error instanceof ConversionError)) throw error;
      failed.push({ record, code: error.code, message: error.message });
    }
  }
  if (rows.length === 0) return { parquet: undefined, rows: 0, converted: 0, failed };
  try {
    const parquet = await parquetOf(rows, columns, options, folder);
    return { parquet, rows: rows.length, converted: good.length, failed };
  } catch (error) {
    if (IS_MACHINES_FAULT.test(errorMessage(error))) throw error;
    // Rows that pass the checks above and still can't be written must neither be lost nor block the stream.
    const code = "DataFormatConversion.InternalError";
    const unwritable = good.map((record) => ({ record, code, message: errorMessage(error) }));
    return { parquet: undefined, rows: 0, converted: 0, failed: [...failed, ...unwritable] };
  }
}
