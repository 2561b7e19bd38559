import type { Column } from "@aws-sdk/client-glue";
import { errorMessage } from "../../../base/errors.ts";
import { OperatorError } from "../../errors.ts";
import { HIVE, parseColumnType, type ColumnField, type TypeDialect } from "../../glue/column-type.ts";
import type { StoredRecord } from "../buffers/record-store.ts";
import type { FailedRecord } from "../delivery/error-lines.ts";
import { ConversionError, parseDocuments, parseSingleDocument } from "./json-documents.ts";
import { rowOf, type OpenXOptions } from "./open-x-json.ts";
import { parquetOf, type ParquetOptions } from "./parquet.ts";

/** DuckDB errors that the rows did not cause; another attempt may succeed. */
const IS_MACHINE_FAULT = /^(Out of Memory|IO|Interrupt) Error|ENOSPC/;

/** The result of converting a buffer of records. */
interface Converted {
  /** Undefined when no record could be converted. */
  readonly parquet: Buffer | undefined;
  readonly rows: number;
  readonly converted: number;
  readonly failed: readonly FailedRecord[];
}

/** Glue column types but `binary`, which has no JSON form. */
const { binary: _binary, ...primitives } = HIVE.primitives;
const WRITABLE: TypeDialect = { ...HIVE, primitives };

/**
 * The columns of a Glue table, without its partition keys.
 * @throws OperatorError that names a column whose type isn't emulated
 */
export function columnsOf(columns: readonly Column[] | undefined): ColumnField[] {
  if (!columns?.length) throw new OperatorError("the table has no columns");
  return columns.map(({ Name: name = "", Type: type = "" }) => {
    try {
      return { name, type: parseColumnType(type, WRITABLE) };
    } catch (error) {
      throw new OperatorError(`column ${name}: ${errorMessage(error)}`);
    }
  });
}

/**
 * Converts JSON records to one Parquet file. A record with a bad document or value fails as a whole, with the reason;
 * the others are converted.
 * @param folder for temporary files
 * @throws Error when the machine has too little memory or disk; then no record is converted
 */
export async function convert(
  records: readonly StoredRecord[],
  columns: readonly ColumnField[],
  options: OpenXOptions & ParquetOptions & { readonly isPartitioned: boolean },
  folder: string,
): Promise<Converted> {
  const failed: FailedRecord[] = [];
  let [rows, converted] = [0, 0];
  let mistake: unknown;
  const documentsOf = options.isPartitioned ? parseSingleDocument : parseDocuments;
  /** The rows of the records, which are converted as they are written. */
  function* rowsOf(): Generator<string> {
    for (const record of records) {
      let ofRecord: readonly string[];
      try {
        ofRecord = documentsOf(record.data).map((document) =>
          JSON.stringify(rowOf(document, columns, options)),
        );
      } catch (error) {
        if (!(error instanceof ConversionError)) {
          mistake = error;
          throw error;
        }
        failed.push({ record, code: error.code, message: error.message });
        continue;
      }
      converted++;
      rows += ofRecord.length;
      yield* ofRecord;
    }
  }
  try {
    const parquet = await parquetOf(rowsOf(), columns, options, folder);
    return { parquet, rows, converted: rows === 0 ? 0 : converted, failed };
  } catch (error) {
    if (mistake !== undefined) throw mistake;
    if (IS_MACHINE_FAULT.test(errorMessage(error))) throw error;
    // Rows that pass the checks above but can't be written must neither be lost nor block the stream.
    const code = "DataFormatConversion.InternalError";
    const isFailed = new Set(failed.map(({ record }) => record));
    const unwritable = records
      .filter((record) => !isFailed.has(record))
      .map((record) => ({ record, code, message: errorMessage(error) }));
    return { parquet: undefined, rows: 0, converted: 0, failed: [...failed, ...unwritable] };
  }
}
