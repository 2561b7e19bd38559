import { GetMediaCommand, KinesisVideoMediaClient } from "@aws-sdk/client-kinesis-video-media";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  ALL_FORMATS,
  BufferSource,
  BufferTarget,
  Conversion,
  EncodedPacketSink,
  FilePathSource,
  Input,
  MkvOutputFormat,
  Output,
} from "mediabunny";
import { kinesisVideo } from "../../../local/kinesis-video/index.ts";
import { playableFile } from "../../../local/matroska/index.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";
import { createCamera } from "./camera.ts";
import { putAll } from "./producer.ts";
import { readFragments } from "./recording.ts";

describe("a real clip", () => {
  let local: TestCloud;
  beforeAll(async () => {
    local = await startTestCloud({ services: [kinesisVideo] });
  });
  afterAll(() => local.stop());

  test("is returned by GetMedia frame for frame as PutMedia received it", async () => {
    const camera = await createCamera(local);
    const file = "events/videos/front-door.mp4";
    const producerStartMs = 1_700_000_000_123;
    const acks = await putAll({ ...camera, producerStartMs, timecodeType: "RELATIVE" }, await remux(file));
    expect(acks.filter(({ eventType }) => eventType === "PERSISTED")).toHaveLength(8);

    const command = new GetMediaCommand({
      StreamName: camera.streamName,
      StartSelector: { StartSelectorType: "EARLIEST" },
    });
    const { Payload } = await local.client(KinesisVideoMediaClient).send(command);
    const fragments = await readFragments(Payload, 8);
    const whole = playableFile(
      fragments[0]!.header,
      fragments.map(({ cluster }) => cluster),
    );
    const sent = await packets(new FilePathSource(file));
    expect(sent).toHaveLength(192);
    expect(await packets(new BufferSource(whole))).toEqual(sent);
    expect(fragments.map(({ tags }) => tags["AWS_KINESISVIDEO_PRODUCER_TIMESTAMP"])).toEqual(
      ["00", "02", "04", "06", "08", "10", "12", "14"].map((seconds) => `17000000${seconds}.123`),
    );
  });
});

/** A clip as Matroska whose clusters start at keyframes. */
async function remux(file: string): Promise<Uint8Array> {
  const input = new Input({ source: new FilePathSource(file), formats: ALL_FORMATS });
  const format = new MkvOutputFormat({ appendOnly: true, minimumClusterDuration: 1 });
  const output = new Output({ format, target: new BufferTarget() });
  const conversion = await Conversion.init({ input, output });
  await conversion.execute();
  input.dispose();
  return new Uint8Array(output.target.buffer!);
}

async function packets(source: FilePathSource | BufferSource) {
  const input = new Input({ source, formats: ALL_FORMATS });
  const track = await input.getPrimaryVideoTrack();
  const found = [];
  for await (const packet of new EncodedPacketSink(track!).packets())
    found.push({
      data: Buffer.from(packet.data).toString("base64"),
      isKey: packet.type === "key",
      atMs: Math.round(packet.timestamp * 1000),
    });
  input.dispose();
  return found;
}
