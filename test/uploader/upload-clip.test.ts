import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { uploadClip } from "../../uploader/upload-clip.ts";
import { FakeService } from "./fake-service.ts";
import { frontDoorClip } from "./synthetic-clips.ts";

let service: FakeService;
beforeEach(async () => {
  service = await FakeService.start();
});
afterEach(() => service.stop());

const options = () => ({
  file: frontDoorClip,
  streamName: "front-door",
  startMs: 1_763_700_000_123,
  region: "eu-west-1",
  endpoint: service.endpoint,
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
});

describe("uploadClip", () => {
  test("looks up the data endpoint and sends the whole clip there", async () => {
    const summary = await uploadClip(options());
    expect(service.requests).toEqual(["/describeStream", "/getDataEndpoint", "/putMedia"]);
    expect(summary).toMatchObject({
      fragments: 8,
      firstProducerMs: 1_763_700_000_123,
      lastProducerMs: 1_763_700_016_123,
      durationMs: 16_000,
      persistedFragments: 8,
      lastPersistedFragmentNumber: "91763700014123",
      notices: [],
    });
    expect(service.arrived[0]![0]).toBe(1_763_700_000_123);
    expect(summary.bytes).toBeGreaterThan(100_000);
  });

  test("refuses a start in seconds before anything is sent", async () => {
    await expect(uploadClip({ ...options(), startMs: 1_763_700_000 })).rejects.toThrow(
      "the start 1763700000 is not in epoch milliseconds, such as 1700000000000; " +
        "it looks like seconds: did you mean 1763700000000?",
    );
    expect(service.requests).toEqual([]);
  });

  test("refuses an unsuitable file before anything is sent", async () => {
    await expect(uploadClip({ ...options(), file: "package.json" })).rejects.toThrow(
      "package.json: not a video file; expected MP4, MOV, MKV or MPEG-TS",
    );
    expect(service.requests).toEqual([]);
  });
});
