import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { DEFAULT_RETENTION_HOURS } from "../../operator/camera-stream.ts";
import { resolved, template } from "./compiled.ts";

const page = readFileSync(new URL("../../docs/privacy.md", import.meta.url), "utf8");

test.each([
  "KnownFaceDays",
  "FaceExpiryDays",
  "UnknownFaceDays",
  "QueryResultExpiryDays",
  "EvidenceExpiryDays",
  "LogRetentionDays",
])("docs/privacy.md has the default of %s, each time it names it in its table", (name) => {
  const { Default } = template.Parameters![name] as { Default: number };
  const cells = page.split("\n").filter((line) => line.startsWith("|") && line.includes(`(${name})`));
  expect(cells).toHaveLength(1);
  const before = cells[0]!
    .slice(0, cells[0]!.indexOf(`(${name})`))
    .split("|")
    .at(-1)!;
  expect(before).toMatch(new RegExp(`\\b${Default} days`));
});

test("docs/privacy.md has how long errors, replaced versions and video are kept", async () => {
  const { LakeBucket, EvidenceBucket, PersonsTable } = await resolved();
  const rules = (bucket: typeof LakeBucket) =>
    bucket!.properties["LifecycleConfiguration"].Rules as Record<string, any>[];
  const rule = (bucket: typeof LakeBucket, id: string) => rules(bucket).find(({ Id }) => Id === id)!;
  expect(rule(LakeBucket, "expire-face-errors")["ExpirationInDays"]).toBe(14);
  expect(page).toMatch(/could not be processed, with ids +\|[^|]+\| 14 days/);
  expect(rule(LakeBucket, "expire-query-results")["NoncurrentVersionExpiration"]).toEqual({
    NoncurrentDays: 1,
  });
  const replaced = rules(EvidenceBucket).flatMap(
    ({ NoncurrentVersionExpiration: one }) =>
      (one as { NoncurrentDays: number } | undefined)?.NoncurrentDays ?? [],
  );
  expect(replaced).toEqual([30]);
  expect(page).toContain("and 30 more as a replaced version");
  expect(page).toContain(`| ${DEFAULT_RETENTION_HOURS} hours, or what`);
  expect(PersonsTable!.properties["PointInTimeRecoverySpecification"]).toEqual({
    PointInTimeRecoveryEnabled: true,
  });
});
