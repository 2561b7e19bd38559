import type { Cloud } from "../cloud.ts";
import type { Collection } from "../documents.ts";
import { AwsError } from "../errors.ts";

/** A column as Glue keeps it. */
export interface GlueColumn {
  readonly Name: string;
  readonly Type?: string | undefined;
  readonly Comment?: string | undefined;
}

/** A database as Glue answers it; times are epoch milliseconds here and epoch seconds on the wire. */
export interface DatabaseRecord {
  readonly name: string;
  readonly createdAtMs: number;
  /** `DatabaseInput` as the template gave it. */
  readonly input: Readonly<Record<string, unknown>>;
}

/** A table as Glue keeps it. */
export interface TableRecord {
  readonly databaseName: string;
  readonly name: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** `TableInput` as the template gave it, its names lowercased. */
  readonly input: Readonly<Record<string, unknown>>;
}

const MILLISECONDS_PER_SECOND = 1000;
/** The one version that every table has here. */
export const ONLY_VERSION = "0";

/** The data catalog. */
export class CatalogStore {
  readonly #cloud: Cloud;
  readonly databases: Collection<DatabaseRecord>;
  readonly #tables: Collection<TableRecord>;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.databases = cloud.documents.collection("glue/databases");
    this.#tables = cloud.documents.collection("glue/tables");
  }

  /** @throws AwsError EntityNotFoundException */
  database(name: string): DatabaseRecord {
    const database = this.databases.get(name.toLowerCase());
    if (!database) throw new AwsError("EntityNotFoundException", `Database ${name.toLowerCase()} not found.`);
    return database;
  }

  /** @throws AwsError EntityNotFoundException */
  table(databaseName: string, name: string): TableRecord {
    this.database(databaseName);
    const table = this.#tables.get(`${databaseName}/${name}`.toLowerCase());
    if (!table) throw new AwsError("EntityNotFoundException", `Table ${name.toLowerCase()} not found.`);
    return table;
  }

  /** Tables of a database, ordered by name. */
  tables(databaseName: string): TableRecord[] {
    const { name } = this.database(databaseName);
    return this.#tables.list().filter((table) => table.databaseName === name);
  }

  putDatabase(name: string, input: Readonly<Record<string, unknown>>): void {
    const createdAtMs = this.databases.get(name)?.createdAtMs ?? this.#cloud.clock.now();
    this.databases.put(name, { name, createdAtMs, input });
  }

  putTable(databaseName: string, name: string, input: Readonly<Record<string, unknown>>): void {
    const key = `${databaseName}/${name}`;
    const nowMs = this.#cloud.clock.now();
    const before = this.#tables.get(key);
    const unchanged = before && JSON.stringify(before.input) === JSON.stringify(input);
    this.#tables.put(key, {
      databaseName,
      name,
      createdAtMs: before?.createdAtMs ?? nowMs,
      updatedAtMs: unchanged ? before.updatedAtMs : nowMs,
      input,
    });
  }

  /** A database as `GetDatabase` answers it. */
  describeDatabase({ name, createdAtMs, input }: DatabaseRecord): Record<string, unknown> {
    return {
      ...input,
      Name: name,
      CreateTime: createdAtMs / MILLISECONDS_PER_SECOND,
      CatalogId: this.#cloud.accountId,
    };
  }

  /** A table as `GetTable` answers it. */
  describeTable({
    databaseName,
    name,
    createdAtMs,
    updatedAtMs,
    input,
  }: TableRecord): Record<string, unknown> {
    return {
      ...input,
      Name: name,
      DatabaseName: databaseName,
      CreateTime: createdAtMs / MILLISECONDS_PER_SECOND,
      UpdateTime: updatedAtMs / MILLISECONDS_PER_SECOND,
      IsRegisteredWithLakeFormation: false,
      CatalogId: this.#cloud.accountId,
      VersionId: ONLY_VERSION,
    };
  }
}
