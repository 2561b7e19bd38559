import * as v from "valibot";
import { explain } from "../api/action.ts";
import { OperatorError } from "../errors.ts";
import type { ResolvedResource, ResourceType } from "../template/resource.ts";
import { lintProjection } from "./projection.ts";
import type { CatalogStore } from "./store.ts";

const MAX_NAME_LENGTH = 255;

const text = v.string();
const number = v.pipe(v.union([v.number(), v.string()]), v.transform(Number), v.number());
const flag = v.pipe(
  v.union([v.boolean(), v.picklist(["true", "false"])]),
  v.transform((value) => value === true || value === "true"),
);
/** Lowercased, as Glue keeps names for Hive (documented: Glue API, TableInput.Name). */
const name = v.pipe(text, v.minLength(1), v.maxLength(MAX_NAME_LENGTH), v.toLowerCase());
const parameters = v.record(
  text,
  v.pipe(v.union([v.string(), v.number(), v.boolean()]), v.transform(String)),
);
const column = v.strictObject({
  Name: name,
  Type: v.optional(text),
  Comment: v.optional(v.pipe(text, v.maxLength(255))),
});

const storageDescriptor = v.strictObject({
  Columns: v.optional(v.array(column)),
  Location: v.optional(text),
  InputFormat: v.optional(text),
  OutputFormat: v.optional(text),
  Compressed: v.optional(flag),
  NumberOfBuckets: v.optional(number),
  SerdeInfo: v.optional(
    v.strictObject({
      Name: v.optional(text),
      SerializationLibrary: v.optional(text),
      Parameters: v.optional(parameters),
    }),
  ),
  Parameters: v.optional(parameters),
  StoredAsSubDirectories: v.optional(flag),
});

const databaseProperties = v.object({
  DatabaseName: v.optional(name),
  DatabaseInput: v.strictObject({
    Name: v.optional(name),
    Description: v.optional(text),
    LocationUri: v.optional(text),
    Parameters: v.optional(parameters),
    CreateTableDefaultPermissions: v.optional(v.array(v.unknown())),
  }),
});

const tableProperties = v.object({
  DatabaseName: name,
  Name: v.optional(name),
  TableInput: v.strictObject({
    Name: v.optional(name),
    Description: v.optional(text),
    Owner: v.optional(text),
    Retention: v.optional(number),
    TableType: v.optional(v.picklist(["EXTERNAL_TABLE", "VIRTUAL_VIEW"])),
    Parameters: v.optional(parameters, {}),
    PartitionKeys: v.optional(v.array(column), []),
    StorageDescriptor: v.optional(storageDescriptor),
    ViewOriginalText: v.optional(text),
    ViewExpandedText: v.optional(text),
  }),
});

/** `AWS::Glue::Database`; `Ref` is its name. */
export const databaseType = (catalog: CatalogStore): ResourceType => ({
  properties: ["CatalogId", "DatabaseName", "DatabaseInput"],
  create: (resource) => {
    const { DatabaseName, DatabaseInput } = check(databaseProperties, resource);
    const ref = DatabaseName ?? DatabaseInput.Name ?? resource.generatedName.toLowerCase();
    catalog.putDatabase(ref, DatabaseInput);
    return { ref };
  },
});

/** `AWS::Glue::Table`; `Ref` is its name. Partition projection is checked here, where AWS fails each query. */
export const tableType = (catalog: CatalogStore, nowMs: () => number): ResourceType => ({
  properties: ["CatalogId", "DatabaseName", "Name", "TableInput"],
  create: (resource) => {
    const { DatabaseName, Name, TableInput } = check(tableProperties, resource);
    const refuse = (problem: string): never => {
      throw new OperatorError(`${resource.logicalId}: ${problem}`);
    };
    if (!catalog.databases.get(DatabaseName))
      refuse(`DatabaseName ${DatabaseName} is no database of the template; give it as {"Ref": …}`);
    const seen = new Set<string>();
    for (const { Name: column } of [
      ...(TableInput.StorageDescriptor?.Columns ?? []),
      ...TableInput.PartitionKeys,
    ])
      if (seen.size === seen.add(column).size)
        refuse(`TableInput has the column ${column} twice; a partition key must not be a column too`);
    const keys = TableInput.PartitionKeys.map(({ Name: key, Type: keyType = "string" }) => ({
      name: key,
      type: keyType,
    }));
    const [problem] = lintProjection(keys, TableInput.Parameters, nowMs());
    if (problem) refuse(`TableInput.Parameters: ${problem}`);
    const ref = Name ?? TableInput.Name ?? resource.generatedName.toLowerCase();
    catalog.putTable(DatabaseName, ref, TableInput);
    return { ref };
  },
});

function check<T>(schema: v.GenericSchema<unknown, T>, { logicalId, type, properties }: ResolvedResource): T {
  const parsed = v.safeParse(schema, properties);
  if (parsed.success) return parsed.output;
  const unknown = parsed.issues.find((issue) => issue.type === "strict_object" && issue.expected === "never");
  throw new OperatorError(
    unknown
      ? `${logicalId}: the property ${type}.${v.getDotPath(unknown)} is not emulated`
      : `${logicalId}: ${explain(parsed.issues)}`,
  );
}
