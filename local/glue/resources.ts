import * as v from "valibot";
import type { Cloud } from "../cloud.ts";
import { OperatorError } from "../errors.ts";
import { flag, number, parseProperties } from "../template/properties.ts";
import type { ResourceType } from "../template/resource.ts";
import { lintProjection } from "./projection/projection.ts";
import type { GlueState } from "./state.ts";
import { viewProblem } from "./view-form.ts";

const MAX_NAME_LENGTH = 255;

const text = v.string();
/** In lower case, as Glue keeps names for Hive (documented: Glue API, TableInput.Name). */
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
  CatalogId: v.optional(v.unknown()),
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
  CatalogId: v.optional(v.unknown()),
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

export const resourceTypes = (cloud: Cloud, state: GlueState): Record<string, ResourceType> => ({
  "AWS::Glue::Database": databaseType(state),
  "AWS::Glue::Table": tableType(cloud, state),
});

/** `Ref` is the database's name. */
const databaseType = (state: GlueState): ResourceType => ({
  properties: Object.keys(databaseProperties.entries),
  create: ({ properties, generatedName }) => {
    const { DatabaseName, DatabaseInput } = parseProperties(databaseProperties, properties);
    const ref = DatabaseName ?? DatabaseInput.Name ?? generatedName.toLowerCase();
    state.putDatabase(ref, DatabaseInput);
    return { ref };
  },
});

/** @throws OperatorError for a view in another form than Athena's own */
function checkView(input: unknown): void {
  const problem = viewProblem(input);
  if (problem === undefined) return;
  throw new OperatorError(`TableInput.${problem}, the form in which Athena reads a view`);
}

/** `Ref` is the table's name. Projection and views are checked here; on AWS, each query would fail instead. */
const tableType = (cloud: Cloud, state: GlueState): ResourceType => ({
  properties: Object.keys(tableProperties.entries),
  create: ({ properties, generatedName }) => {
    const { DatabaseName, Name, TableInput } = parseProperties(tableProperties, properties);
    const { PartitionKeys, StorageDescriptor, Parameters } = TableInput;
    if (!state.databases.get(DatabaseName))
      throw new OperatorError(
        `DatabaseName ${DatabaseName} is not a database of the template; give it as {"Ref": …}`,
      );
    const names = [...(StorageDescriptor?.Columns ?? []), ...PartitionKeys].map((one) => one.Name);
    const repeated = names.find((one, index) => names.indexOf(one) < index);
    if (repeated !== undefined)
      throw new OperatorError(
        `TableInput has the column ${repeated} twice; a partition key must not be a column too`,
      );
    const keys = PartitionKeys.map(({ Name: key, Type: type = "string" }) => ({ name: key, type }));
    const [problem] = lintProjection(keys, Parameters, cloud.clock.now());
    if (problem !== undefined) throw new OperatorError(`TableInput.Parameters: ${problem}`);
    if (TableInput.TableType === "VIRTUAL_VIEW") checkView(properties["TableInput"]);
    const ref = Name ?? TableInput.Name ?? generatedName.toLowerCase();
    state.putTable(DatabaseName, ref, TableInput);
    return { ref };
  },
});
