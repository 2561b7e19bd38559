import { FirehoseClient } from "@aws-sdk/client-firehose";
import { S3Client } from "@aws-sdk/client-s3";
import { expect, test } from "@jest/globals";
import { normaliseDocument } from "../../core/lake/normalise.ts";
import { putRecords } from "../../operator/delivery-stream.ts";
import { textObjects, type TextObjects } from "../../operator/objects.ts";
import type { Face } from "../../schemas/face.ts";
import { doorstep } from "../cli/process.ts";
import { useStack } from "../cli/stack.ts";
import { example } from "../support/notifications.ts";
import { redrive } from "./failures/redrive.ts";
import type { TestStack } from "./stack.ts";

const STREAM = "doorstep-dev-faces";
const ERRORS = "errors/face_records/";

let stack: TestStack;
let lake: TextObjects;

const known: Face = { ...(example("face.json") as Face), seenAtMs: Date.UTC(2026, 2, 2, 10, 59, 58) };
const after = (ms: number, change: Partial<Face> = {}): Face => ({
  ...known,
  seenAtMs: known.seenAtMs + ms,
  ...change,
});
const { personId, similarity, ...nobody } = known;
const unknown: Face = { ...nobody, seenAtMs: known.seenAtMs + 1000, faceNo: 1, matches: 0 };
const broken = after(5000, { personId: "ann" });

const put = async (...records: readonly object[]) => {
  const bytes = records.map((one) => Buffer.from(JSON.stringify(one)));
  const refusals = await putRecords(STREAM, bytes, new FirehoseClient(stack.config), stack.clock);
  expect(refusals).toEqual(records.map(() => undefined));
  await stack.flushFirehose();
};
const rows = async (sql: string) => (await stack.journey.query(sql)).rows;

useStack(async (started) => {
  stack = started;
  lake = textObjects(
    stack.journey.outputs.LakeBucketName,
    new S3Client({ ...stack.config, forcePathStyle: true }),
  );
  await put(known, after(4000, { similarity: 99.5 }), unknown, broken);
  await put(known);
});

test("a face that is put into the delivery stream twice is two rows of its hour, and one of faces", async () => {
  expect(
    await rows("SELECT dt, hour, person_id, count(*) FROM face_records GROUP BY 1, 2, 3 ORDER BY 2, 3"),
  ).toEqual([
    ["2026-03-02", "10", personId, "2"],
    ["2026-03-02", "10", null, "1"],
    ["2026-03-02", "11", personId, "1"],
  ]);
  expect(
    await rows(
      "SELECT face_no, person_id, similarity, matches FROM faces WHERE dt = '2026-03-02' ORDER BY seen_at",
    ),
  ).toEqual([
    ["0", personId, String(similarity), "1"],
    ["1", null, null, "0"],
    ["0", personId, "99.5", "1"],
  ]);
});

test("the faces of a person are one visit, and an unknown one is an unknown visitor", async () => {
  expect(
    await rows(
      `SELECT camera_id, person_id, first_seen_at, duration_ms, faces, best_similarity, hour
       FROM visits WHERE dt = '2026-03-02'`,
    ),
  ).toEqual([["front-door", personId, "2026-03-02 10:59:58.000", "4000", "2", "99.5", "10"]]);
  expect(await rows("SELECT camera_id, faces FROM unknown_visitors WHERE dt = '2026-03-02'")).toEqual([
    ["front-door", "1"],
  ]);
});

test("no copy of a face is kept besides its rows", async () => {
  expect(await lake.list("raw/")).toEqual([]);
});

test("a record that is no face is kept among the errors, which doctor explains and redrive puts back", async () => {
  const kept = await Promise.all((await lake.list(ERRORS)).map(({ key }) => lake.read(key)));
  const { rawData } = JSON.parse(kept.join("")) as { rawData: string };
  expect(JSON.parse(Buffer.from(rawData, "base64").toString())).toEqual(broken);
  expect((await doorstep(["doctor"])).stdout).toContain(
    "/errors/face_records/processing-failed; the first: personId is text of 3 characters; expected ",
  );
  expect(await redrive("--from", "face-errors")).toMatchObject({
    exitCode: 0,
    paths: [{ path: "face-errors", waiting: 1, redriven: 1, left: [] }],
  });
  await stack.flushFirehose();
  const { paths } = await redrive("--from", "face-errors");
  expect(paths[0]!.left[0]!.reason).toContain("personId is text of 3 characters");
});

test("a row that could not be converted comes back from the row itself", async () => {
  const lost = after(120_000);
  const context = { table: "face_records", arrivalMs: stack.clock.now(), cameraStreamPrefix: "" } as const;
  const normalised = normaliseDocument(lost, context);
  if (!normalised.ok) throw new Error(normalised.reason);
  const line = {
    lastErrorCode: "DataFormatConversion.ParquetRuntimeException",
    arrivalTimestamp: stack.clock.now(),
    rawData: Buffer.from(JSON.stringify(normalised.row)).toString("base64"),
  };
  await lake.write(`${ERRORS}format-conversion-failed/dt=2026-03-02/one`, `${JSON.stringify(line)}\n`);
  const { paths } = await redrive("--from", "face-errors");
  expect(paths).toMatchObject([{ redriven: 1 }]);
  await stack.flushFirehose();
  expect(await rows("SELECT count(*) FROM visits WHERE dt = '2026-03-02'")).toEqual([["2"]]);
});
