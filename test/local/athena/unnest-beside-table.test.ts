import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { parquetTable, TestLake } from "./lake.ts";

let lake: TestLake;
beforeAll(async () => {
  lake = await TestLake.start({
    Records: parquetTable("records", { id: "bigint", label: "string", more: "array<string>" }),
  });
  await lake.put(
    "records/all.parquet",
    "SELECT * FROM (VALUES (1::BIGINT, 'PERSON', ['PET', 'PACKAGE']), (2, 'PET', []), (3, 'PET', NULL)) t(id, label, more)",
  );
});
afterAll(() => lake.stop());

test.each([
  ["SELECT id, one FROM records CROSS JOIN UNNEST(more) AS u (one) ORDER BY 1, 2", [["1", "PACKAGE"], ["1", "PET"]]],
  [
    "SELECT id, IF(n = 0, label, more[n]) AS label FROM records CROSS JOIN UNNEST(sequence(0, coalesce(cardinality(more), 0))) AS u (n) ORDER BY id, n",
    [["1", "PERSON"], ["1", "PET"], ["1", "PACKAGE"], ["2", "PET"], ["3", "PET"]],
  ],
  ["SELECT r.id, u.one FROM records r CROSS JOIN UNNEST(r.more) AS u (one) WHERE u.one = 'PET'", [["1", "PET"]]],
  ["SELECT records.id FROM records CROSS JOIN UNNEST(more) AS u (one) WHERE U.ONE = 'PET'", [["1"]]],
  ["SELECT * FROM records CROSS JOIN UNNEST(more) AS u (one) WHERE one = 'PET'", [["1", "PERSON", "[PET, PACKAGE]", "PET"]]],
  ["SELECT u.label FROM records CROSS JOIN UNNEST(more) AS u (label) ORDER BY 1", [["PACKAGE"], ["PET"]]],
  ["SELECT id, (SELECT max(x) FROM UNNEST(ARRAY[u.one]) AS v (x)) FROM records CROSS JOIN UNNEST(more) AS u (one) WHERE one = 'PET'", [["1", "PET"]]],
  ["SELECT id, n, one FROM records CROSS JOIN UNNEST(ARRAY[1]) AS a (n) CROSS JOIN UNNEST(more) AS b (one) ORDER BY one LIMIT 1", [["1", "1", "PACKAGE"]]],
])("%s", async (sql, expected) => {
  const [, ...rows] = await lake.rows(sql);
  expect(rows).toEqual(expected);
}); // prettier-ignore

test("a name that both the table and the list have is ambiguous", async () => {
  const { Status } = await lake.run("SELECT label FROM records CROSS JOIN UNNEST(more) AS u (label)");
  expect(Status?.StateChangeReason).toMatch(/ambiguous/i);
});
