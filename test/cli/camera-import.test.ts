import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { PassThrough } from "node:stream";
import { text as textOf } from "node:stream/consumers";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateStreamCommand, KinesisVideoClient, ListStreamsCommand } from "@aws-sdk/client-kinesis-video";
import {
  CreateStreamProcessorCommand,
  DeleteStreamProcessorCommand,
  RekognitionClient,
} from "@aws-sdk/client-rekognition";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { readRows } from "../../cli/camera/import-rows.ts";
import { run } from "../../cli/run.ts";
import type { TestStack } from "../local/stack.ts";
import { clockOfCommands } from "./cloud.ts";
import { doorstep } from "./process.ts";
import { useStack } from "./stack.ts";

let stack: TestStack;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "doorstep-import-"));
});
useStack((started) => void (stack = started));
afterAll(() => rm(folder, { recursive: true }));

async function importing(text: string, ...flags: string[]) {
  const file = join(folder, "cameras.csv");
  await writeFile(file, text);
  const { exitCode, stdout, stderr } = await doorstep(["camera", "import", file, ...flags, "--json"]);
  const output = JSON.parse(stdout);
  return { exitCode, stderr, ...output.error, summary: output.error?.summary ?? output };
}

const streamNames = async () =>
  (await new KinesisVideoClient(stack.config).send(new ListStreamsCommand({}))).StreamInfoList?.map(
    ({ StreamName }) => StreamName,
  );

const HEADER =
  "cameraId,labels,regionsOfInterest,maxDurationSeconds,schedule,timeZone,retentionHours,armed,tag:site";

/** A table of the rows under the header, padded to its length. */
const table = (...rows: string[]) => [HEADER, ...rows, ""].join("\r\n");

const FRONT_DOOR =
  'front-door,"PERSON=80,PET","0,0.5,1,0.5; 0,0 1,0 0.5,0.5",20,mon-fri 18:00-24:00,Europe/Berlin,48,,north';
const ATTIC = "attic,,,,,,,false,";

describe("doorstep camera import", () => {
  test("imports valid rows, and names invalid ones by line and column", async () => {
    const rows = [
      FRONT_DOOR,
      "Yard,,,,,,,,",
      'garage,"PERSON,CAT 80",,,,,,,',
      "shed,,,500,,,,,",
      ATTIC,
      "attic,,,,,,,,",
      "cellar,,",
      "loft,,,,,,,,south!",
    ];
    const checked = await importing(table(...rows), "--dry-run");
    expect([checked.exitCode, checked.summary.added, await streamNames()]).toEqual([1, [], []]);
    const { exitCode, message, summary } = await importing(table(...rows));
    expect([exitCode, message]).toEqual([1, "6 of 8 rows failed"]);
    expect(summary).toEqual({
      rows: 8,
      added: ["front-door", "attic"],
      existed: [],
      failed: checked.summary.failed,
    });
    expect(summary.failed.map(({ reason }: { reason: string }) => reason.slice(0, 90))).toEqual([
      "line 3, column cameraId: Yard; expected 1 to 63 lower case letters, digits and dashes, the",
      "line 4, column labels: CAT 80; expected labels such as PERSON=80,PET=50,PACKAGE: PERSON, P",
      "line 5, column maxDurationSeconds: 500; expected at most 120 seconds, Rekognition's maximu",
      "line 7, column cameraId: attic is on line 6 already; expected each camera once",
      "line 8: 3 cells; expected 9 as in the header",
      "line 9, column tag:site: south!; expected at most 256 letters, digits, spaces or _.:/=+-@",
    ]);
    expect(JSON.parse((await doorstep(["camera", "show", "front-door", "--json"])).stdout)).toMatchObject({
      camera: {
        labels: { PERSON: 80, PET: 50 },
        regionsOfInterest: [
          { box: { left: 0, top: 0.5, width: 1, height: 0.5 } },
          {
            polygon: [
              { x: 0, y: 0 },
              { x: 1, y: 0 },
              { x: 0.5, y: 0.5 },
            ],
          },
        ],
        maxDurationSeconds: 20,
        schedule: [{ days: ["mon", "tue", "wed", "thu", "fri"], from: "18:00", until: "24:00" }],
        timeZone: "Europe/Berlin",
        armed: true,
        tags: { site: "north" },
      },
      stream: { retentionHours: 48 },
    });
    const attic = JSON.parse((await doorstep(["camera", "show", "attic", "--json"])).stdout);
    expect([attic.camera.armed, attic.camera.tags]).toEqual([false, {}]);
  });

  test("takes the motion format and its rules, and names a rule that its format does not have", async () => {
    const text =
      "cameraId,motionFormat,motionBegan\npond,hikvision,\nlawn,generic,event=motion\npath,onvif,event=motion\n";
    const { summary } = await importing(text, "--dry-run");
    expect(summary.failed).toEqual([
      {
        line: 4,
        cameraId: "path",
        reason:
          "line 4, column motionBegan: event=motion; expected the motion format generic with it, not onvif",
      },
    ]);
  });

  test("chooses the engine of rows without one, and names a setting that the engine of its row does not have", async () => {
    const text =
      'cameraId,engine,labels,maxSampleGapSeconds\nmill,,"PERSON,Car",\nkiln,auto,,\nsilo,stream-processor,Car,\nbyre,stream-processor,,2\nstile,frames,,2\n';
    const { summary } = await importing(text);
    expect(summary).toEqual({
      rows: 5,
      added: ["mill", "kiln", "stile"],
      existed: [],
      failed: [
        {
          line: 4,
          cameraId: "silo",
          reason:
            "line 4, column labels: Car; the engine stream-processor detects PERSON, PET, PACKAGE only: choose the engine frames, or leave out the others",
        },
        {
          line: 5,
          cameraId: "byre",
          reason:
            "line 5, column maxSampleGapSeconds: 2; expected the engine frames with it, not stream-processor",
        },
      ],
    });
    const { cameras } = JSON.parse((await doorstep(["camera", "list", "--json"])).stdout);
    expect(
      cameras
        .filter(({ cameraId }: { cameraId: string }) => summary.added.includes(cameraId))
        .map(({ cameraId, engine }: Record<string, string>) => [cameraId, engine]),
    ).toEqual([
      ["kiln", "stream-processor"],
      ["mill", "frames"],
      ["stile", "frames"],
    ]);
    expect((await importing(text)).summary).toMatchObject({ added: [], existed: ["mill", "kiln", "stile"] });
  });

  test("goes on with missing cameras: existing ones are skipped, and one that differs or fails does not stop the others", async () => {
    const credentialsFile = join(folder, "credentials.jsonl");
    const { exitCode, summary } = await importing(
      table(FRONT_DOOR.replace("PERSON=80", "PERSON=90"), ATTIC, "barn,,,,,,,,", "coop,,,,,,,,"),
      "--credentials-file",
      credentialsFile,
    );
    expect(exitCode).toBe(1);
    expect(summary).toEqual({
      rows: 4,
      added: ["barn", "coop"],
      existed: ["attic"],
      failed: [
        {
          line: 2,
          cameraId: "front-door",
          reason:
            "line 2: front-door is registered with other labels; npx doorstep camera update front-door changes it",
        },
      ],
    });
    const credentials = (await readFile(credentialsFile, "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(credentials.map(({ cameraId }) => cameraId)).toEqual(["front-door", "attic", "barn", "coop"]);
    expect(((await stat(credentialsFile)).mode & 0o777).toString(8)).toBe("600");
    for (const { tokenStopUrl } of credentials) expect((await fetch(tokenStopUrl)).status).toBe(200);
    const again = await importing(table(FRONT_DOOR, ATTIC, "barn,,,,,,,,", "coop,,,,,,,,"));
    expect([again.exitCode, again.summary]).toEqual([
      0,
      { rows: 4, added: [], existed: ["front-door", "attic", "barn", "coop"], failed: [] },
    ]);
    expect(JSON.stringify(again)).not.toContain(credentials[0].bearerToken);
  });

  test("reports a camera that cannot be created, creates the others, and that one when the cause is gone", async () => {
    // Another processor uses the stream of the camera: a stream has at most one.
    const rekognition = new RekognitionClient(stack.config);
    const video = new KinesisVideoClient(stack.config);
    const { StreamARN } = await video.send(
      new CreateStreamCommand({ StreamName: "doorstep-dev-camera-pond", DataRetentionInHours: 24 }),
    );
    const { DetectionsTopicArn, EvidenceBucketName, RekognitionRoleArn } = stack.journey.outputs;
    await rekognition.send(
      new CreateStreamProcessorCommand({
        Name: "rival",
        Input: { KinesisVideoStream: { Arn: StreamARN! } },
        Output: { S3Destination: { Bucket: EvidenceBucketName } },
        NotificationChannel: { SNSTopicArn: DetectionsTopicArn },
        RoleArn: RekognitionRoleArn,
        Settings: { ConnectedHome: { Labels: ["PET"] } },
      }),
    );
    const text = table("pond,,,,,,,,", "hedge,,,,,,,,");
    const { exitCode, summary } = await importing(text);
    expect([exitCode, summary.added]).toEqual([1, ["hedge"]]);
    expect(summary.failed).toEqual([
      {
        line: 2,
        cameraId: "pond",
        reason: expect.stringMatching(
          /^line 2: pond: Rekognition CreateStreamProcessor for doorstep-dev-camera-pond: ResourceInUseException: Specified resource is in use/,
        ),
      },
    ]);
    await rekognition.send(new DeleteStreamProcessorCommand({ Name: "rival" }));
    expect((await importing(text)).summary).toEqual({
      rows: 2,
      added: ["pond"],
      existed: ["hedge"],
      failed: [],
    });
  });

  test("stops before the next camera on an interruption, and says how to go on", async () => {
    const file = join(folder, "many.csv");
    await writeFile(
      file,
      ["cameraId", ...Array.from({ length: 20 }, (_, index) => `many-${index}`)].join("\n"),
    );
    const stop = new AbortController();
    // On a terminal, where progress is shown.
    const stdout = new PassThrough();
    const stderr = Object.assign(new PassThrough(), { isTTY: true });
    stderr.on("data", (chunk: Buffer) => {
      if (chunk.includes("2 of 20 cameras")) stop.abort(new Error("interrupted by SIGINT"));
    });
    const exitCode = await run(["camera", "import", file, "--json"], {
      stdout,
      stderr,
      signal: stop.signal,
      clock: clockOfCommands(),
    });
    stdout.end();
    const { message, summary } = JSON.parse(await textOf(stdout)).error;
    expect([exitCode, message, summary.failed]).toEqual([
      1,
      "interrupted by SIGINT; run it again for the rest",
      [],
    ]);
    // The cameras in progress were completed.
    expect(summary.added.length).toBeGreaterThanOrEqual(2);
    expect(summary.added.length).toBeLessThan(20);
    const rest = JSON.parse((await doorstep(["camera", "import", file, "--json"])).stdout);
    expect([rest.added.length + rest.existed.length, rest.existed.toSorted()]).toEqual([
      20,
      summary.added.toSorted(),
    ]);
  });

  test.each([
    ["", "line 1: no column cameraId; expected a header with it, and any of cameraId, engine, labels"],
    ["cameraId,colour\na,red", "line 1: unknown column colour; expected cameraId, engine, labels"],
    ["cameraId,labels,labels\n", "line 1: column labels is repeated; expected it once"],
    ['cameraId\n"a', "line 2: a quote is out of place"],
  ])("refuses the table %j with exit code 2", async (text, reason) => {
    const { exitCode, message } = await importing(text);
    expect([exitCode, message]).toEqual([2, expect.stringContaining(reason)]);
  });

  test("names a missing file", async () => {
    expect((await doorstep(["camera", "import", join(folder, "none.csv")])).stderr).toBe(
      `doorstep camera import: there is no file ${join(folder, "none.csv")}\n`,
    );
  });
});

test("any text is a table, or is refused with a reason that begins with the line", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", "-", '"', ",", "\n", "=", "9", "é") }), (body) => {
      try {
        const { rows, problems } = readRows(`cameraId,labels,schedule\n${body}`);
        for (const { reason, line } of problems) expect(reason.startsWith(`line ${line}`)).toBe(true);
        expect(new Set(rows.map(({ cameraId }) => cameraId)).size).toBe(rows.length);
      } catch (error) {
        expect((error as Error).message).toMatch(/^line \d+: a quote is out of place/);
      }
    }),
  );
});
