import {
  GetDatabaseCommand,
  GetDatabasesCommand,
  GetPartitionsCommand,
  GetTableCommand,
  GetTablesCommand,
  GetTableVersionCommand,
  GetTableVersionsCommand,
  GlueClient,
} from "@aws-sdk/client-glue";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { glue } from "../../../local/glue/index.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";

const database = {
  Type: "AWS::Glue::Database",
  Properties: {
    CatalogId: { Ref: "AWS::AccountId" },
    DatabaseInput: { Name: "Doorstep", Description: "what cameras saw" },
  },
};

const table = (TableInput: object) => ({
  Type: "AWS::Glue::Table",
  Properties: { CatalogId: { Ref: "AWS::AccountId" }, DatabaseName: { Ref: "Database" }, TableInput },
});

const detections = {
  Name: "Detections",
  TableType: "EXTERNAL_TABLE",
  Parameters: { classification: "parquet", "projection.enabled": false, retention: 7 },
  PartitionKeys: [{ Name: "DT", Type: "string", Comment: "UTC date" }],
  StorageDescriptor: {
    Columns: [{ Name: "Label", Type: "string" }],
    Location: "s3://lake/detections/",
    Compressed: "false",
    SerdeInfo: { SerializationLibrary: "parquet", Parameters: { "serialization.format": 1 } },
  },
};

const faces = {
  Name: "faces",
  Owner: "hadoop",
  TableType: "VIRTUAL_VIEW",
  Parameters: { presto_view: "true", comment: "Presto View" },
  PartitionKeys: [],
  StorageDescriptor: { Columns: [{ Name: "Label", Type: "string" }], SerdeInfo: {} },
  ViewOriginalText: "/* Presto View: e30= */",
  ViewExpandedText: "/* Presto View */",
};

describe("the data catalog", () => {
  let local: TestCloud;
  let client: GlueClient;
  beforeAll(async () => {
    local = await startTestCloud({
      services: [glue],
      template: {
        Resources: {
          Database: database,
          Detections: table(detections),
          Alerts: table({ Name: "alerts" }),
          Faces: table(faces),
          Reader: {
            Type: "AWS::IAM::Role",
            Properties: {
              AssumeRolePolicyDocument: { Statement: [] },
              Policies: [
                {
                  PolicyName: "read",
                  PolicyDocument: {
                    Statement: {
                      Effect: "Allow",
                      Action: "glue:GetTable",
                      Resource: [
                        "arn:aws:glue:us-east-1:000000000000:catalog",
                        "arn:aws:glue:us-east-1:000000000000:database/doorstep",
                        "arn:aws:glue:us-east-1:000000000000:table/doorstep/detections",
                      ],
                    },
                  },
                },
              ],
            },
          },
        },
      },
    });
    client = local.client(GlueClient);
  });
  afterAll(() => local.stop());

  test("has the databases of the template, with names in lower case", async () => {
    expect(local.resources.get("Database")?.ref).toBe("doorstep");
    const { Database } = await client.send(new GetDatabaseCommand({ Name: "DOORSTEP" }));
    expect(Database).toMatchObject({
      Name: "doorstep",
      Description: "what cameras saw",
      CatalogId: "000000000000",
    });
    expect(Database?.CreateTime?.getTime()).toBeGreaterThan(0);
    const { DatabaseList } = await client.send(new GetDatabasesCommand({}));
    expect(DatabaseList?.map(({ Name }) => Name)).toEqual(["doorstep"]);
  });

  test("has a table as the template describes it, values as text and names in lower case", async () => {
    const { Table } = await client.send(
      new GetTableCommand({ DatabaseName: "doorstep", Name: "Detections" }),
    );
    expect(Table).toMatchObject({
      Name: "detections",
      DatabaseName: "doorstep",
      TableType: "EXTERNAL_TABLE",
      Parameters: { classification: "parquet", "projection.enabled": "false", retention: "7" },
      PartitionKeys: [{ Name: "dt", Type: "string", Comment: "UTC date" }],
      StorageDescriptor: {
        Columns: [{ Name: "label", Type: "string" }],
        Location: "s3://lake/detections/",
        Compressed: false,
        SerdeInfo: { SerializationLibrary: "parquet", Parameters: { "serialization.format": "1" } },
      },
      VersionId: "0",
    });
  });

  test("returns the defaults of the storage and the retention, as AWS does", async () => {
    const { Table } = await client.send(new GetTableCommand({ DatabaseName: "doorstep", Name: "faces" }));
    expect(Table).toMatchObject({
      Retention: 0,
      Owner: "hadoop",
      PartitionKeys: [],
      StorageDescriptor: {
        Compressed: false,
        NumberOfBuckets: 0,
        StoredAsSubDirectories: false,
        SerdeInfo: {},
      },
    });
  });

  test("lists tables by a regular expression, in pages", async () => {
    const list = async (request: object) => {
      const { TableList, NextToken } = await client.send(
        new GetTablesCommand({ DatabaseName: "doorstep", ...request }),
      );
      return [TableList?.map(({ Name }) => Name), NextToken];
    };
    expect(await list({})).toEqual([["alerts", "detections", "faces"], undefined]);
    expect(await list({ Expression: "de.*|faces" })).toEqual([["detections", "faces"], undefined]);
    expect(await list({ MaxResults: 2 })).toEqual([["alerts", "detections"], "2"]);
    expect(await list({ MaxResults: 2, NextToken: "2" })).toEqual([["faces"], undefined]);
    await expect(list({ Expression: "(" })).rejects.toMatchObject({ name: "InvalidInputException" });
  });

  test("has one version of a table, and no registered partitions", async () => {
    const names = { DatabaseName: "doorstep", TableName: "detections" };
    const { TableVersion } = await client.send(new GetTableVersionCommand({ ...names, VersionId: "0" }));
    expect([TableVersion?.VersionId, TableVersion?.Table?.Name]).toEqual(["0", "detections"]);
    const { TableVersions } = await client.send(new GetTableVersionsCommand(names));
    expect(TableVersions?.map(({ VersionId }) => VersionId)).toEqual(["0"]);
    await expect(client.send(new GetTableVersionCommand({ ...names, VersionId: "3" }))).rejects.toMatchObject(
      {
        name: "EntityNotFoundException",
      },
    );
    const { Partitions } = await client.send(new GetPartitionsCommand(names));
    expect(Partitions).toEqual([]);
  });

  test("names what it does not find", async () => {
    await expect(client.send(new GetDatabaseCommand({ Name: "nope" }))).rejects.toMatchObject({
      name: "EntityNotFoundException",
      message: "Database nope not found.",
    });
    await expect(
      client.send(new GetTableCommand({ DatabaseName: "doorstep", Name: "nope" })),
    ).rejects.toMatchObject({ name: "EntityNotFoundException", message: "Table nope not found." });
    await expect(
      client.send(new GetPartitionsCommand({ DatabaseName: "doorstep", TableName: "nope" })),
    ).rejects.toMatchObject({ name: "EntityNotFoundException" });
  });

  test("returns to a role only the tables that it may read", async () => {
    const reader = new GlueClient(await local.configOf("Reader"));
    const { Table } = await reader.send(
      new GetTableCommand({ DatabaseName: "doorstep", Name: "detections" }),
    );
    expect(Table?.Name).toBe("detections");
    await expect(
      reader.send(new GetTableCommand({ DatabaseName: "doorstep", Name: "faces" })),
    ).rejects.toMatchObject({ name: "AccessDeniedException" });
  });
});

describe("a view of the template is taken only in the form that Athena itself writes", () => {
  const { SerdeInfo, ...storage } = faces.StorageDescriptor;
  const { Owner, PartitionKeys, ...rest } = faces;
  test.each([
    ["without SerdeInfo", { ...faces, StorageDescriptor: storage }, "StorageDescriptor.SerdeInfo is missing; expected {}"],
    ["without columns", { ...faces, StorageDescriptor: { SerdeInfo } }, "StorageDescriptor.Columns is missing; expected the view's columns"],
    ["without an owner", { ...rest, PartitionKeys }, "Owner is missing; expected a name, e.g. hadoop"],
    ["without an empty list of partition keys", { ...rest, Owner }, "PartitionKeys is missing; expected []"],
    ["with a description", { ...faces, Description: "x" }, 'Description is "x"; expected none, since it overrides Parameters.comment'],
    ["without the comment", { ...faces, Parameters: { presto_view: "true" } }, 'Parameters.comment is missing; expected "Presto View"'],
    ["in Hive's SQL", { ...faces, ViewOriginalText: "SELECT 1" }, 'ViewOriginalText is "SELECT 1"; expected /* Presto View: <base64> */'],
    ["without the expanded text", { ...faces, ViewExpandedText: "" }, 'ViewExpandedText is ""; expected /* Presto View */'],
  ])("%s", async (_, TableInput, problem) => {
    const template = { Resources: { Database: database, T: table(TableInput) } };
    await expect(startTestCloud({ services: [glue], template })).rejects.toThrow(
      `T (AWS::Glue::Table): TableInput.${problem}, the form in which Athena reads a view`,
    );
  });
}); // prettier-ignore

describe("a table of the template", () => {
  const keys = [{ Name: "dt", Type: "string" }];
  test.each([
    [{ Name: "t", TargetTable: {} }, "T (AWS::Glue::Table): TableInput.TargetTable is not emulated"],
    [
      { Name: "t", StorageDescriptor: { SkewedInfo: {} } },
      "T (AWS::Glue::Table): TableInput.StorageDescriptor.SkewedInfo is not emulated",
    ],
    [
      { Name: "t", PartitionKeys: keys, StorageDescriptor: { Columns: keys } },
      "T (AWS::Glue::Table): TableInput has the column dt twice; a partition key must not be a column too",
    ],
    [
      { Name: "t", PartitionKeys: keys, Parameters: { "projection.enabled": "true" } },
      "T (AWS::Glue::Table): TableInput.Parameters: projection.dt.type is missing",
    ],
  ])("is refused by name: %j", async (input, message) => {
    const template = { Resources: { Database: database, T: table(input) } };
    await expect(startTestCloud({ services: [glue], template })).rejects.toThrow(message);
  });

  test("is refused in a database that is not in the template", async () => {
    const T = { ...table({ Name: "t" }), Properties: { DatabaseName: "nope", TableInput: { Name: "t" } } };
    await expect(startTestCloud({ services: [glue], template: { Resources: { T } } })).rejects.toThrow(
      'T (AWS::Glue::Table): DatabaseName nope is not a database of the template; give it as {"Ref": …}',
    );
  });
});
