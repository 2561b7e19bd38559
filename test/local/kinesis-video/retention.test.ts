import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DescribeStreamCommand,
  KinesisVideoClient,
  UpdateDataRetentionCommand,
} from "@aws-sdk/client-kinesis-video";
import {
  GetMediaForFragmentListCommand,
  KinesisVideoArchivedMediaClient,
} from "@aws-sdk/client-kinesis-video-archived-media";
import { GetMediaCommand, KinesisVideoMediaClient } from "@aws-sdk/client-kinesis-video-media";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { openDocuments } from "../../../local/documents.ts";
import type { Fragment } from "../../../local/kinesis-video/fragments/fragment.ts";
import { kinesisVideo } from "../../../local/kinesis-video/index.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";
import { createCamera, storedTimes, emitted, type Camera } from "./camera.ts";
import { putAll } from "./producer.ts";
import { fragment, header, readFragments } from "./recording.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

describe("retention", () => {
  const dataFolder = mkdtempSync(join(tmpdir(), "doorstep-retention-"));
  let local: TestCloud;
  beforeAll(async () => {
    local = await startTestCloud({ services: [kinesisVideo], dataFolder });
  });
  afterAll(async () => {
    await local.stop();
    rmSync(dataFolder, { recursive: true });
  });

  const put = async (camera: Camera, ...timecodes: number[]): Promise<string> => {
    const [ack] = await putAll(camera, header(), ...timecodes.map((timecode) => fragment(timecode)));
    return ack!.fragmentNumber!;
  };
  const filesOf = ({ arn }: Camera): string[] =>
    readdirSync(join(dataFolder, "kinesis-video", arn.split("/").slice(1).join("-")))
      .map((name) => name.split(".")[1]!)
      .toSorted();
  const change = async (
    { streamName: StreamName }: Camera,
    Operation: "INCREASE_DATA_RETENTION" | "DECREASE_DATA_RETENTION",
    DataRetentionChangeInHours: number,
  ): Promise<void> => {
    const control = local.client(KinesisVideoClient);
    const { StreamInfo } = await control.send(new DescribeStreamCommand({ StreamName }));
    const input = { StreamName, CurrentVersion: StreamInfo!.Version, Operation, DataRetentionChangeInHours };
    await control.send(new UpdateDataRetentionCommand(input));
  };

  test("lists a fragment until it is as old as the stream's retention, by its server timestamp", async () => {
    const camera = await createCamera(local, 2);
    await put(camera, 3_000_000_000_000);
    local.clock.turn(HOUR_MS);
    const second = await put(camera, 1000);
    local.clock.turn(HOUR_MS - MINUTE_MS);
    expect(await storedTimes(local, camera)).toEqual([3_000_000_000_000, 1000]);
    local.clock.turn(MINUTE_MS);
    expect(await storedTimes(local, camera)).toEqual([1000]);

    const { streamName: StreamName } = camera;
    const StartSelector = { StartSelectorType: "EARLIEST" } as const;
    const earliest = new GetMediaCommand({ StreamName, StartSelector });
    const { Payload } = await local.client(KinesisVideoMediaClient).send(earliest);
    expect((await readFragments(Payload, 1))[0]!.cluster.timecode).toBe(1000);
    local.clock.turn(HOUR_MS);
    const byNumber = new GetMediaForFragmentListCommand({ StreamName, Fragments: [second] });
    const gone = await local.client(KinesisVideoArchivedMediaClient).send(byNumber);
    await expect(readFragments(gone.Payload)).resolves.toEqual([]);
  });

  test("removes the files of expired fragments within ten minutes, and accepts fragments of the same header again", async () => {
    const camera = await createCamera(local, 1);
    await put(camera, 1000, 3000);
    expect(filesOf(camera)).toEqual(["cluster", "cluster", "header"]);
    local.clock.turn(HOUR_MS + 10 * MINUTE_MS);
    expect((await emitted(local, "fragments-expired", camera)).detail).toEqual({
      streamName: camera.streamName,
      count: 2,
    });
    expect(filesOf(camera)).toEqual([]);
    const number = await put(camera, 5000);
    expect(filesOf(camera)).toEqual(["cluster", "header"]);
    const command = new GetMediaForFragmentListCommand({
      StreamName: camera.streamName,
      Fragments: [number],
    });
    const { Payload } = await local.client(KinesisVideoArchivedMediaClient).send(command);
    expect((await readFragments(Payload))[0]!.cluster.timecode).toBe(5000);
  });

  test("retains stored fragments for the new time when the retention is increased", async () => {
    const camera = await createCamera(local, 1);
    await put(camera, 1000);
    await change(camera, "INCREASE_DATA_RETENTION", 2);
    local.clock.turn(3 * HOUR_MS - MINUTE_MS);
    expect(await storedTimes(local, camera)).toEqual([1000]);
    local.clock.turn(MINUTE_MS);
    expect(await storedTimes(local, camera)).toEqual([]);
  });

  test("deletes fragments older than the new time at once when the retention is decreased", async () => {
    const camera = await createCamera(local, 5);
    await put(camera, 1000);
    local.clock.turn(2 * HOUR_MS);
    await put(camera, 3000);
    await change(camera, "DECREASE_DATA_RETENTION", 4);
    expect(filesOf(camera)).toEqual(["cluster", "header"]);
    expect(await storedTimes(local, camera)).toEqual([3000]);
    await change(camera, "DECREASE_DATA_RETENTION", 1);
    expect(filesOf(camera)).toEqual([]);
  });

  test("stores nothing on disk without retention, and after an increase only new fragments", async () => {
    const camera = await createCamera(local, 0);
    await put(camera, 1000);
    expect(filesOf(camera)).toEqual([]);
    await change(camera, "INCREASE_DATA_RETENTION", 1);
    await put(camera, 3000);
    expect(await storedTimes(local, camera)).toEqual([3000]);
    local.clock.turn(6 * MINUTE_MS);
    expect(await storedTimes(local, camera)).toEqual([3000]);
  });

  test("removes at its start what expired since the last run", async () => {
    const camera = await createCamera(local, 1);
    const old = await put(camera, 1000);
    await put(camera, 3000);
    await local.stop();
    const documents = openDocuments(dataFolder);
    const index = documents.collection<Fragment>(`kinesis-video/fragments/${camera.arn}`);
    index.put(old, { ...index.get(old)!, serverTimestampMs: Date.now() - HOUR_MS });
    documents.close();
    local = await startTestCloud({ services: [kinesisVideo], dataFolder });
    expect(filesOf(camera)).toEqual(["cluster", "header"]);
    expect(await storedTimes(local, { ...camera, endpoint: local.endpoint })).toEqual([3000]);
  });
});
