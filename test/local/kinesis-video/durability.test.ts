import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import {
  GetMediaForFragmentListCommand,
  KinesisVideoArchivedMediaClient,
  ListFragmentsCommand,
} from "@aws-sdk/client-kinesis-video-archived-media";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { TurnableClock } from "../../../base/clock.ts";
import { openDocuments } from "../../../local/documents.ts";
import { FragmentStore } from "../../../local/kinesis-video/fragments/fragment-store.ts";
import type { Fragment } from "../../../local/kinesis-video/fragments/fragment.ts";
import { kinesisVideo } from "../../../local/kinesis-video/index.ts";
import { PutMediaError } from "../../../local/kinesis-video/put-media/put-media-error.ts";
import { FragmentReceiver } from "../../../local/kinesis-video/put-media/fragment-receiver.ts";
import type { Ack } from "../../../uploader/acks.ts";
import { startTestCloud } from "../cloud.ts";
import { Producer } from "./producer.ts";
import { fragment, header, openFragment, readFragments } from "./recording.ts";

let dataFolder: string;
beforeEach(() => {
  dataFolder = mkdtempSync(join(tmpdir(), "doorstep-durability-"));
});
afterEach(() => rmSync(dataFolder, { recursive: true }));

describe("a local cloud that is killed during PutMedia", () => {
  async function startProcess(): Promise<{ child: ChildProcess; producer: Producer }> {
    const script = fileURLToPath(new URL("crashing-cloud.ts", import.meta.url));
    const child = spawn(process.execPath, [script, dataFolder], { stdio: ["ignore", "pipe", "inherit"] });
    const [endpoint] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    return { child, producer: await Producer.connect({ endpoint, streamName: "camera" }) };
  }

  async function kill(child: ChildProcess): Promise<void> {
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    expect(await exit).toEqual([null, "SIGKILL"]);
  }

  /** The fragments that a new cloud on the same folder lists, with the timecode of their media. */
  async function listAnew(): Promise<{ number: string; timecode: number }[]> {
    const local = await startTestCloud({ services: [kinesisVideo], dataFolder });
    try {
      const archive = local.client(KinesisVideoArchivedMediaClient);
      const TimestampRange = { StartTimestamp: new Date(0), EndTimestamp: new Date(4e12) };
      const FragmentSelector = { FragmentSelectorType: "PRODUCER_TIMESTAMP" as const, TimestampRange };
      const StreamName = "camera";
      const { Fragments } = await archive.send(new ListFragmentsCommand({ StreamName, FragmentSelector }));
      const numbers = Fragments!.map(({ FragmentNumber }) => FragmentNumber!);
      if (numbers.length === 0) return [];
      const command = new GetMediaForFragmentListCommand({ StreamName, Fragments: numbers });
      const media = await readFragments((await archive.send(command)).Payload);
      return numbers.map((number, index) => ({ number, timecode: media[index]!.cluster.timecode }));
    } finally {
      await local.stop();
    }
  }

  test("loses the incomplete fragment only: it lists exactly those that were acknowledged as persisted", async () => {
    const { child, producer } = await startProcess();
    const timecodes = [1000, 3000, 5000];
    producer.send(header(), ...timecodes.map((timecode) => fragment(timecode)), openFragment(7000));
    const persisted: Ack[] = [];
    for (let ack: Ack | undefined; ack?.fragmentTimecode !== 7000;) {
      ack = (await producer.ack())!;
      if (ack.eventType === "PERSISTED") persisted.push(ack);
    }
    await kill(child);
    expect(persisted.map(({ fragmentTimecode }) => fragmentTimecode)).toEqual(timecodes);
    expect(await listAnew()).toEqual(
      persisted.map((ack) => ({ number: ack.fragmentNumber, timecode: ack.fragmentTimecode })),
    );
    const folder = readdirSync(join(dataFolder, "kinesis-video"))[0]!;
    const files = readdirSync(join(dataFolder, "kinesis-video", folder));
    expect(files.filter((file) => file.endsWith(".cluster"))).toHaveLength(3);
  });

  test("has every fragment that was acknowledged as persisted, and no part of another, whenever it is killed", async () => {
    const { child, producer } = await startProcess();
    const frame = { data: new Uint8Array(700_000).fill(7) };
    const timecodes = Array.from({ length: 30 }, (_, index) => 1000 + index * 2000);
    producer.send(header(), ...timecodes.map((timecode) => fragment(timecode, [frame])));
    const persisted: string[] = [];
    while (persisted.length < 7) {
      const ack = (await producer.ack())!;
      if (ack.eventType === "PERSISTED") persisted.push(ack.fragmentNumber!);
    }
    await kill(child);
    const listed = await listAnew();
    expect(listed.slice(0, 7).map(({ number }) => number)).toEqual(persisted);
    expect(listed.map(({ timecode }) => timecode)).toEqual(timecodes.slice(0, listed.length));
    expect(listed.length).toBeLessThan(30);
  });
});

describe("a disk that is full", () => {
  const fullError = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });

  async function receive(roomBytes: number) {
    const index = openDocuments(":memory:").collection<Fragment>("test");
    const store = await FragmentStore.open({
      folder: dataFolder,
      index,
      clock: new TurnableClock(),
      retentionMs: () => 3_600_000,
      write: async (path, bytes) => {
        await writeFile(path, bytes.subarray(0, roomBytes));
        roomBytes -= bytes.length;
        if (roomBytes < 0) throw fullError;
      },
    });
    const events: string[] = [];
    const receiver = new FragmentReceiver({
      store,
      startMs: 0,
      admit: () => Promise.resolve(),
      now: () => Date.now(),
      retains: () => true,
      onEvent: (event, { timecode }) => events.push(`${event} ${timecode}`),
      onStored: () => {},
    });
    async function* body() {
      yield* [header(), fragment(1000), fragment(3000), fragment(5000)];
    }
    const error = await receiver.receive(body()).catch((thrown: unknown) => thrown);
    return { error, events, store, index };
  }

  test("ends the connection with 5001, keeps what was stored and leaves no part of the rest", async () => {
    const { error, events, store, index } = await receive(header().length + 2 * fragment(1000).length + 10);
    expect(error).toBeInstanceOf(PutMediaError);
    expect(error).toMatchObject({ id: 5001, code: "ARCHIVAL_ERROR", cause: fullError });
    expect(events).toEqual([
      "BUFFERING 1000",
      "RECEIVED 1000",
      "PERSISTED 1000",
      "BUFFERING 3000",
      "RECEIVED 3000",
      "PERSISTED 3000",
      "BUFFERING 5000",
      "RECEIVED 5000",
    ]);
    const stored = store.archived();
    expect(stored.map(({ producerTimestampMs }) => producerTimestampMs)).toEqual([1000, 3000]);
    expect(index.list()).toEqual(stored);
    expect(Buffer.from((await store.media(stored[1]!))!.cluster)).toEqual(Buffer.from(fragment(3000)));
    expect(readdirSync(dataFolder).toSorted()).toEqual(
      [...stored.map(({ number }) => `${number}.cluster`), `${stored[0]!.headerHash}.header`].toSorted(),
    );
  });

  test("leaves no header of a fragment that does not fit", async () => {
    const { error, events } = await receive(header().length + 10);
    expect(error).toMatchObject({ id: 5001 });
    expect(events).toEqual(["BUFFERING 1000", "RECEIVED 1000"]);
    expect(readdirSync(dataFolder)).toEqual([]);
  });
});
