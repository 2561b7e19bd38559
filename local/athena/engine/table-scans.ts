import { projectedValues } from "../../glue/projection/projection.ts";
import { objectPath } from "../../s3/object-path.ts";
import type { LakeTable } from "../lake/catalog.ts";
import { listFiles, type LakeFile } from "../lake/files.ts";
import type { OpenQuery } from "./context.ts";
import type { Scan } from "./scan-plan.ts";

/** A year and a quarter of hours; more take minutes and cents. */
const MANY_PARTITIONS = 10_000;

/** The scans of one table, with the files that they need. */
export interface TableScans {
  readonly table: LakeTable;
  readonly scans: readonly FileScan[];
  /** All files that the scans need, by path on disk. */
  readonly files: ReadonlyMap<string, LakeFile>;
  /** Of a table with partition projection: the values of each column in the partitions that the scans list. */
  readonly projected: ReadonlyMap<string, ReadonlySet<string>>;
}

interface FileScan extends Scan {
  /** The conditions on partition columns alone. */
  readonly predicates: readonly string[];
  /** Paths of the files for which the predicates hold. */
  readonly paths: ReadonlySet<string>;
}

/**
 * Lists the files of every table in a plan, and selects those that the scans need by their partitions. Emits how many
 * partitions Athena would list for each scan.
 */
export async function* tableScans(
  plan: readonly Scan[],
  { relations, connection, context: { cloud, s3, signal } }: OpenQuery,
): AsyncGenerator<TableScans> {
  const listProjected = async (
    table: LakeTable,
    predicates: readonly string[],
  ): Promise<ReadonlyMap<string, readonly string[]>> => {
    const values = new Map<string, readonly string[]>();
    for (const [name, column] of table.projection?.columns ?? []) {
      const some = projectedValues(column, cloud.clock.now());
      if (some === undefined || some.length === 0) return new Map();
      values.set(name, some);
    }
    if (values.size === 0) return values;
    const { count: partitions, values: found } = await connection.projectedPartitions(values, predicates);
    const isMany = partitions > MANY_PARTITIONS;
    cloud.events.emit("athena", isMany ? "many-partitions-listed" : "partitions-listed", {
      table: `${table.database}.${table.name}`,
      partitions,
      ...(isMany && {
        warning: `Athena would list ${partitions} partitions, one request to S3 each; add a condition on dt`,
      }),
    });
    return found;
  };
  for (const [mark, table] of relations.tables) {
    const ofTable = plan.filter((scan) => scan.mark === mark);
    if (ofTable.length === 0) continue;
    const listed = await listFiles(s3, table, cloud.clock.now(), signal);
    const byPath = new Map(listed.map((file) => [objectPath(cloud.dataFolder, file.bucket, file.key), file]));
    await connection.addFiles(table, byPath);
    const keys = new Set(table.partitionKeys.map(({ name }) => name));
    const scans: FileScan[] = [];
    const projected = new Map<string, Set<string>>();
    for (const scan of ofTable) {
      const predicates = scan.conditions
        .filter(({ columns }) => columns.size > 0 && columns.isSubsetOf(keys))
        .map(({ sql }) => sql);
      for (const [name, values] of await listProjected(table, predicates))
        projected.set(name, new Set([...(projected.get(name) ?? []), ...values]));
      scans.push({ ...scan, predicates, paths: await connection.prune(table, predicates) });
    }
    const needed = new Set(scans.flatMap(({ paths }) => [...paths]));
    const files = new Map(Array.from(needed, (path) => [path, byPath.get(path)!]));
    yield { table, scans, files, projected };
  }
}
