import { copyFile, mkdtemp, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { uploadDirectory, type FileOutcome } from "../../uploader/upload-directory.ts";
import { VideoStream } from "../../uploader/video-stream.ts";
import { FakeService, persist } from "./fake-service.ts";
import { frontDoorClip } from "./synthetic-clips.ts";

let folder: string;
let service: FakeService;
let stream: VideoStream;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "doorstep-directory-"));
  await copyFile(frontDoorClip, join(folder, "one.mp4"));
  const old = new Date(Date.now() - 3_600_000);
  await utimes(join(folder, "one.mp4"), old, old);
  service = await FakeService.start();
  stream = new VideoStream("front-door", {
    endpoint: service.endpoint,
    region: "eu-west-1",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
  });
});
afterEach(async () => {
  stream.close();
  service.stop();
  await rm(folder, { recursive: true });
});

async function outcomes(): Promise<FileOutcome[]> {
  const all: FileOutcome[] = [];
  for await (const outcome of uploadDirectory({ folder, watch: false, stream, startFrom: "file" }))
    all.push(outcome);
  return all;
}

describe("uploadDirectory", () => {
  test("resumes an interrupted file after its last safe fragment, with the same times", async () => {
    service.onFragment = (connection, { timecode }, index) => {
      if (index < 3) persist(connection, timecode);
      else connection.ack("ERROR", timecode, { ErrorId: 4500 });
    };
    await expect(outcomes()).rejects.toMatchObject({
      name: "UploadError",
      code: "KMS_KEY_ACCESS_DENIED",
      summary: { persistedFragments: 3 },
    });
    service.onFragment = (connection, { timecode }) => persist(connection, timecode);
    expect(await outcomes()).toMatchObject([
      { outcome: "sent", summary: { fragments: 5, persistedFragments: 5 } },
    ]);
    const [first, second] = service.arrived;
    const startMs = first![0]!;
    expect(second).toEqual([6, 8, 10, 12, 14].map((seconds) => startMs + seconds * 1000));
    expect(await outcomes()).toEqual([{ file: "one.mp4", outcome: "sent-before" }]);
  });
});
