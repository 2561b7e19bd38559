import {
  AthenaClient,
  BatchGetNamedQueryCommand,
  GetNamedQueryCommand,
  ListNamedQueriesCommand,
} from "@aws-sdk/client-athena";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { athena } from "../../../local/athena/index.ts";
import { startTestCloud } from "../cloud.ts";
import { database, TestLake } from "./lake.ts";

const namedQuery = (properties: Record<string, unknown>) => ({
  Type: "AWS::Athena::NamedQuery",
  Properties: { Database: "doorstep", QueryString: "SELECT 1", ...properties },
});
const analysts = { Type: "AWS::Athena::WorkGroup", Properties: { Name: "analysts" } };
const UNKNOWN = "00000000-0000-0000-0000-000000000000";

let lake: TestLake;
beforeAll(async () => {
  lake = await TestLake.start({
    Analysts: analysts,
    First: namedQuery({ Name: "first", Description: "One.", WorkGroup: { Ref: "Analysts" } }),
    Second: namedQuery({ Name: "second", QueryString: "SELECT 2", WorkGroup: { Ref: "Analysts" } }),
    Third: namedQuery({ Name: "third", WorkGroup: { Ref: "Analysts" } }),
    Own: namedQuery({ Name: "own" }),
    Reader: {
      Type: "AWS::IAM::Role",
      Properties: {
        AssumeRolePolicyDocument: {
          Statement: { Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" },
        },
        Policies: [
          {
            PolicyName: "read",
            PolicyDocument: {
              Statement: {
                Effect: "Allow",
                Action: ["athena:ListNamedQueries", "athena:GetNamedQuery", "athena:BatchGetNamedQuery"],
                Resource: "arn:aws:athena:us-east-1:000000000000:workgroup/analysts",
              },
            },
          },
        ],
      },
    },
  });
});
afterAll(() => lake.stop());

const idOf = (logicalId: string): string => lake.local.resources.get(logicalId)!.attributes!["NamedQueryId"]!;
const list = (input: object) => lake.athena.send(new ListNamedQueriesCommand(input));

describe("named queries", () => {
  test("are listed by workgroup, a page at a time", async () => {
    const first = await list({ WorkGroup: "analysts", MaxResults: 2 });
    const second = await list({ WorkGroup: "analysts", MaxResults: 2, NextToken: first.NextToken });
    expect([first.NamedQueryIds!.length, second.NamedQueryIds!.length, second.NextToken]).toEqual([
      2,
      1,
      undefined,
    ]);
    expect([...first.NamedQueryIds!, ...second.NamedQueryIds!].toSorted()).toEqual(
      [idOf("First"), idOf("Second"), idOf("Third")].toSorted(),
    );
    expect((await list({})).NamedQueryIds).toEqual([idOf("Own")]);
  });

  test("are returned as in the template", async () => {
    const { NamedQuery } = await lake.athena.send(new GetNamedQueryCommand({ NamedQueryId: idOf("First") }));
    expect(NamedQuery).toEqual({
      NamedQueryId: idOf("First"),
      Name: "first",
      Description: "One.",
      Database: "doorstep",
      QueryString: "SELECT 1",
      WorkGroup: "analysts",
    });
  });

  test("are returned many at once, with the ids that do not exist", async () => {
    const { NamedQueries, UnprocessedNamedQueryIds } = await lake.athena.send(
      new BatchGetNamedQueryCommand({ NamedQueryIds: [idOf("Second"), UNKNOWN] }),
    );
    expect(NamedQueries!.map(({ Name, QueryString }) => [Name, QueryString])).toEqual([
      ["second", "SELECT 2"],
    ]);
    expect(UnprocessedNamedQueryIds).toEqual([
      {
        NamedQueryId: UNKNOWN,
        ErrorCode: "INVALID_INPUT",
        ErrorMessage: `NamedQuery ${UNKNOWN} was not found`,
      },
    ]);
  });

  test.each([
    [new GetNamedQueryCommand({ NamedQueryId: UNKNOWN }), `NamedQuery ${UNKNOWN} was not found`],
    [new ListNamedQueriesCommand({ WorkGroup: "unknown" }), "WorkGroup unknown is not found."],
    [new ListNamedQueriesCommand({ NextToken: "x" }), "NextToken x is not one that this listing returned"],
    [new ListNamedQueriesCommand({ MaxResults: 51 }), /^MaxResults: .*50/],
    [new BatchGetNamedQueryCommand({ NamedQueryIds: [] }), /^NamedQueryIds: /],
  ])("are refused with InvalidRequestException when the request is invalid", async (command, message) => {
    await expect(lake.athena.send(command as GetNamedQueryCommand)).rejects.toMatchObject({
      name: "InvalidRequestException",
      message: expect.stringMatching(message) as unknown,
    });
  });

  test("can be read by a role that may use the workgroup", async () => {
    const reader = new AthenaClient(await lake.local.configOf("Reader"));
    const ids = (await reader.send(new ListNamedQueriesCommand({ WorkGroup: "analysts" }))).NamedQueryIds!;
    expect(ids).toHaveLength(3);
    await expect(reader.send(new ListNamedQueriesCommand({}))).rejects.toMatchObject({
      name: "AccessDeniedException",
    });
    await expect(
      reader.send(new BatchGetNamedQueryCommand({ NamedQueryIds: [ids[0]!, idOf("Own")] })),
    ).rejects.toMatchObject({ name: "AccessDeniedException" });
  });
});

test.each([
  [{ Database: undefined }, /\(AWS::Athena::NamedQuery\): Database: /],
  [{ WorkGroup: "unknown" }, /WorkGroup unknown is not a workgroup of the template/],
  [{ Colour: "red" }, /Colour/],
])("a template with the named query %j is refused", async (properties, message) => {
  const template = { Resources: { Database: database, Saved: namedQuery(properties) } };
  await expect(
    startTestCloud({ services: [athena], template: { Resources: { Saved: template.Resources.Saved } } }),
  ).rejects.toThrow(message);
});
