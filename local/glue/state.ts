import { SECOND_MS } from "../../base/durations.ts";
import type { Cloud } from "../cloud.ts";
import type { Collection } from "../documents.ts";
import { entityNotFound } from "./errors.ts";

interface DatabaseRecord {
  readonly name: string;
  readonly createdAtMs: number;
  /** `DatabaseInput` of the template. */
  readonly input: Readonly<Record<string, unknown>>;
}

interface TableRecord {
  readonly databaseName: string;
  readonly name: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** `TableInput` of the template, its names in lower case. */
  readonly input: Readonly<Record<string, unknown>>;
}

/** Glue's defaults for missing fields of the storage (observed); Athena's engine reads all of them. */
const STORAGE_DEFAULTS = { Compressed: false, NumberOfBuckets: 0, StoredAsSubDirectories: false } as const;
/** The one version that every local table has. */
export const ONLY_VERSION = "0";

/** The data catalog: databases and tables, by name in lower case. */
export class GlueState {
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
    if (!database) throw entityNotFound(`Database ${name.toLowerCase()} not found.`);
    return database;
  }

  /** @throws AwsError EntityNotFoundException */
  table(databaseName: string, name: string): TableRecord {
    this.database(databaseName);
    const table = this.#tables.get(`${databaseName}/${name}`.toLowerCase());
    if (!table) throw entityNotFound(`Table ${name.toLowerCase()} not found.`);
    return table;
  }

  /** Tables of a database, ordered by name. */
  tables(databaseName: string): TableRecord[] {
    const { name } = this.database(databaseName);
    return this.#tables.list().filter((table) => table.databaseName === name);
  }

  putDatabase(name: string, input: DatabaseRecord["input"]): void {
    const createdAtMs = this.databases.get(name)?.createdAtMs ?? this.#cloud.clock.now();
    this.databases.put(name, { name, createdAtMs, input });
  }

  putTable(databaseName: string, name: string, input: TableRecord["input"]): void {
    const key = `${databaseName}/${name}`;
    const nowMs = this.#cloud.clock.now();
    const before = this.#tables.get(key);
    const isUnchanged = before && JSON.stringify(before.input) === JSON.stringify(input);
    const createdAtMs = before?.createdAtMs ?? nowMs;
    const updatedAtMs = isUnchanged ? before.updatedAtMs : nowMs;
    this.#tables.put(key, { databaseName, name, createdAtMs, updatedAtMs, input });
  }

  /** The response of `GetDatabase`. */
  describeDatabase({ name, createdAtMs, input }: DatabaseRecord): Record<string, unknown> {
    return { ...input, Name: name, CreateTime: createdAtMs / SECOND_MS, CatalogId: this.#cloud.accountId };
  }

  /** The response of `GetTable`. */
  describeTable(table: TableRecord): Record<string, unknown> {
    const { StorageDescriptor: storage } = table.input;
    return {
      Retention: 0,
      ...table.input,
      ...(typeof storage === "object" && { StorageDescriptor: { ...STORAGE_DEFAULTS, ...storage } }),
      Name: table.name,
      DatabaseName: table.databaseName,
      CreateTime: table.createdAtMs / SECOND_MS,
      UpdateTime: table.updatedAtMs / SECOND_MS,
      IsRegisteredWithLakeFormation: false,
      CatalogId: this.#cloud.accountId,
      VersionId: ONLY_VERSION,
    };
  }
}
