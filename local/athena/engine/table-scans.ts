import { objectPath } from "../../s3/object-path.ts";
import type { LakeTable } from "../lake/catalog.ts";
import { listFiles, type LakeFile } from "../lake/files.ts";
import type { OpenQuery } from "./context.ts";
import type { Scan } from "./scan-plan.ts";

/** The scans of one table, with the files that they need. */
export interface TableScans {
  readonly table: LakeTable;
  readonly scans: readonly FileScan[];
  /** All files that the scans need, by path on disk. */
  readonly files: ReadonlyMap<string, LakeFile>;
}

interface FileScan extends Scan {
  /** The conditions on partition columns alone. */
  readonly predicates: readonly string[];
  /** Paths of the files for which the predicates hold. */
  readonly paths: ReadonlySet<string>;
}

/** Lists the files of every table in a plan, and selects those that the scans need by their partitions. */
export async function* tableScans(
  plan: readonly Scan[],
  { relations, connection, context: { cloud, s3, signal } }: OpenQuery,
): AsyncGenerator<TableScans> {
  for (const [mark, table] of relations.tables) {
    const ofTable = plan.filter((scan) => scan.mark === mark);
    if (ofTable.length === 0) continue;
    const listed = await listFiles(s3, table, cloud.clock.now(), signal);
    const byPath = new Map(listed.map((file) => [objectPath(cloud.dataFolder, file.bucket, file.key), file]));
    await connection.addFiles(table, byPath);
    const keys = new Set(table.partitionKeys.map(({ name }) => name));
    const scans: FileScan[] = [];
    for (const scan of ofTable) {
      const predicates = scan.conditions
        .filter(({ columns }) => columns.size > 0 && columns.isSubsetOf(keys))
        .map(({ sql }) => sql);
      scans.push({ ...scan, predicates, paths: await connection.prune(table, predicates) });
    }
    const needed = new Set(scans.flatMap(({ paths }) => [...paths]));
    yield { table, scans, files: new Map(Array.from(needed, (path) => [path, byPath.get(path)!])) };
  }
}
