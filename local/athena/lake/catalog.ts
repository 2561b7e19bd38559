import { GetDatabaseCommand, GetTableCommand, type GlueClient, type Table } from "@aws-sdk/client-glue";
import { errorMessage } from "../../../base/errors.ts";
import { duckDbType, HIVE, parseColumnType } from "../../glue/column-type.ts";
import { parseProjection, ProjectionError, type Projection } from "../../glue/projection/projection.ts";
import { viewProblem } from "../../glue/view-form.ts";
import { notSupported, QueryError, queryError, type Position } from "../errors.ts";
import { parseS3Uri } from "../s3-uri.ts";
import { readViewText, type ViewText } from "./view-text.ts";

export interface LakeColumn {
  readonly name: string;
  /** The type in Glue, e.g. `map<string,string>`. */
  readonly type: string;
  readonly comment: string;
  /** DuckDB's type. */
  readonly duckDb: string;
}

/** A table of Parquet files, or of files with one JSON object per line. */
export interface LakeTable {
  readonly kind: "table";
  readonly database: string;
  readonly name: string;
  readonly columns: readonly LakeColumn[];
  readonly partitionKeys: readonly LakeColumn[];
  readonly bucket: string;
  /** Prefix of the keys in the location, with a slash at the end; empty for a whole bucket. */
  readonly prefix: string;
  readonly projection: Projection | undefined;
  readonly format: "parquet" | "json";
  /** Whether a line that is not a JSON object becomes a row of NULLs (`ignore.malformed.json`). */
  readonly ignoresMalformed: boolean;
}

export interface LakeView {
  readonly kind: "view";
  readonly database: string;
  readonly name: string;
  readonly columns: readonly LakeColumn[];
  readonly text: ViewText;
}

const PARQUET_SERDE = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe";
const JSON_SERDE = "org.openx.data.jsonserde.JsonSerDe";
const IGNORE_MALFORMED = "ignore.malformed.json";

/** `awsdatacatalog.doorstep.detections`, as in Athena's messages. */
export const fullName = ({ database, name }: { database: string; name: string }): string =>
  `awsdatacatalog.${database}.${name}`;

/**
 * Reads a table or view from Glue, with the permissions of the client.
 * @param position of its name in the query
 * @throws QueryError for one that does not exist, may not be read or is not emulated
 */
export async function findRelation(
  glue: GlueClient,
  database: string,
  name: string,
  position: Position | undefined,
): Promise<LakeTable | LakeView> {
  const { Table } = await withGlueErrors(
    glue.send(new GetTableCommand({ DatabaseName: database, Name: name })),
    async () => {
      await requireDatabase(glue, database, position);
      return queryError(
        "TABLE_NOT_FOUND",
        position,
        `Table '${fullName({ database, name })}' does not exist`,
      );
    },
  );
  return Table!.TableType === "VIRTUAL_VIEW"
    ? viewOf(database, name, Table!)
    : tableOf(database, name, Table!);
}

/** @throws QueryError SCHEMA_NOT_FOUND */
export async function requireDatabase(
  glue: GlueClient,
  database: string,
  position: Position | undefined,
): Promise<void> {
  await withGlueErrors(glue.send(new GetDatabaseCommand({ Name: database })), () =>
    queryError("SCHEMA_NOT_FOUND", position, `Schema '${database}' does not exist`),
  );
}

/** Reports Glue's errors as those of a query. */
export async function withGlueErrors<T>(
  response: Promise<T>,
  notFound: () => Promise<QueryError> | QueryError,
): Promise<T> {
  try {
    return await response;
  } catch (error) {
    const name = error instanceof Error ? error.name : "";
    if (name === "EntityNotFoundException") throw await notFound();
    if (name === "AccessDeniedException")
      throw new QueryError(`Insufficient permissions to execute the query. ${errorMessage(error)}`);
    throw error;
  }
}

function tableOf(database: string, name: string, table: Table): LakeTable {
  const storage = table.StorageDescriptor;
  const invalid = (problem: string) =>
    new QueryError(`HIVE_INVALID_METADATA: Table ${database}.${name} ${problem}`);
  const library = storage?.SerdeInfo?.SerializationLibrary;
  if (library !== PARQUET_SERDE && library !== JSON_SERDE)
    throw notSupported(
      `the local Athena reads Parquet and JSON, and table ${database}.${name} has the SerDe ${library}; ` +
        `give it StorageDescriptor.SerdeInfo.SerializationLibrary ${PARQUET_SERDE} or ${JSON_SERDE}`,
    );
  const serde = storage?.SerdeInfo?.Parameters ?? {};
  const unknown = Object.keys(serde).find((key) => library === JSON_SERDE && key !== IGNORE_MALFORMED);
  if (unknown !== undefined)
    throw notSupported(`the SerDe parameter ${unknown} of table ${database}.${name} is not emulated`);
  const location = parseS3Uri(storage?.Location ?? "");
  if (!location) throw invalid(`has the location ${storage?.Location}; expected s3://<bucket>/<prefix>/`);
  const partitionKeys = columnsOf(table.PartitionKeys, database, name);
  return {
    kind: "table",
    database,
    name,
    columns: columnsOf(storage?.Columns, database, name),
    partitionKeys,
    bucket: location.bucket,
    prefix: location.key === "" || location.key.endsWith("/") ? location.key : `${location.key}/`,
    format: library === JSON_SERDE ? "json" : "parquet",
    ignoresMalformed: serde[IGNORE_MALFORMED]?.toLowerCase() === "true",
    projection: readProjection(database, name, partitionKeys, table.Parameters ?? {}),
  };
}

function readProjection(
  database: string,
  name: string,
  partitionKeys: readonly LakeColumn[],
  parameters: Record<string, string>,
): Projection | undefined {
  try {
    return parseProjection(
      partitionKeys.map((key) => key.name),
      parameters,
    );
  } catch (error) {
    if (!(error instanceof ProjectionError)) throw error;
    throw new QueryError(`HIVE_METASTORE_ERROR: Table ${database}.${name}: ${error.message}`);
  }
}

/** Athena was reported to use these words for a view without `SerdeInfo` (hashicorp/terraform-provider-aws#28517). */
const NO_SERDE = "HIVE_METASTORE_ERROR: Table storage descriptor is missing SerDe info";

function viewOf(database: string, name: string, table: Table): LakeView {
  const problem = viewProblem(table);
  if (problem?.startsWith("StorageDescriptor"))
    throw new QueryError(`${NO_SERDE}: view ${database}.${name}: ${problem}`);
  if (problem !== undefined)
    throw new QueryError(`INVALID_VIEW: View '${fullName({ database, name })}' cannot be read: ${problem}`);
  try {
    const text = readViewText(table.ViewOriginalText ?? "");
    const columns = columnsOf(table.StorageDescriptor?.Columns, database, name);
    return { kind: "view", database, name, columns, text };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new QueryError(
      `INVALID_VIEW: View '${fullName({ database, name })}' cannot be read: ${error.message}`,
    );
  }
}

function columnsOf(columns: Table["PartitionKeys"], database: string, table: string): LakeColumn[] {
  return (columns ?? []).map(({ Name = "", Type = "string", Comment = "" }) => {
    try {
      return {
        name: Name,
        type: Type,
        comment: Comment,
        duckDb: duckDbType(parseColumnType(Type, HIVE), "TIMESTAMP"),
      };
    } catch (error) {
      throw new QueryError(
        `HIVE_INVALID_METADATA: Table ${database}.${table}, column ${Name}: ${errorMessage(error)}`,
      );
    }
  });
}
