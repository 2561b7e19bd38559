/**
 * GetImages of 25 images from a 720p stream, through the SDK client and the local cloud's endpoint, compared with decoding
 * the same clip from its start and encoding the same images in this process. Both take turns; the times of a round are
 * compared as a pair.
 *
 *     npm run bench -- get-images
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateStreamCommand, KinesisVideoClient } from "@aws-sdk/client-kinesis-video";
import {
  GetImagesCommand,
  KinesisVideoArchivedMediaClient,
} from "@aws-sdk/client-kinesis-video-archived-media";
import { createCanvas, ImageData } from "@napi-rs/canvas";
import { ALL_FORMATS, FilePathSource, Input, VideoSampleSink } from "mediabunny";
import { kinesisVideo } from "../local/kinesis-video/index.ts";
import { startTestCloud } from "../test/local/cloud.ts";
import { drawClip, record, START_MS } from "../test/local/kinesis-video/clips.ts";
import { rounded } from "./figures.ts";
import { pairedRounds } from "./paired-rounds.ts";
import { figure, report } from "./result.ts";

const IMAGES = 25;
const INTERVAL_MS = 1000;
const FRAME_RATE = 30;
const WARM_UP_ROUNDS = 1;
const ROUNDS = 7;

const folder = mkdtempSync(join(tmpdir(), "doorstep-bench-"));
const local = await startTestCloud({ services: [kinesisVideo] });
try {
  const file = await drawClip(join(folder, "720p.mp4"), {
    width: 1280,
    height: 720,
    durationS: IMAGES,
    frameRate: FRAME_RATE,
    keyframeIntervalS: 2,
  });
  const camera = { endpoint: local.endpoint, streamName: "bench", arn: "" };
  await local
    .client(KinesisVideoClient)
    .send(new CreateStreamCommand({ StreamName: camera.streamName, DataRetentionInHours: 1 }));
  await record(local, camera, file);

  const client = local.client(KinesisVideoArchivedMediaClient);
  const getImages = async (): Promise<number> => {
    const { Images } = await client.send(
      new GetImagesCommand({
        StreamName: camera.streamName,
        ImageSelectorType: "PRODUCER_TIMESTAMP",
        StartTimestamp: new Date(START_MS),
        EndTimestamp: new Date(START_MS + (IMAGES - 1) * INTERVAL_MS),
        SamplingInterval: INTERVAL_MS,
        Format: "JPEG",
      }),
    );
    return Images!.filter(({ ImageContent }) => ImageContent).length;
  };

  const { ours, rival, ratio } = await pairedRounds(
    { ours: () => secondsOf(getImages), rival: () => secondsOf(wholeClip) },
    { warmUpRounds: WARM_UP_ROUNDS, rounds: ROUNDS },
  );

  async function wholeClip(): Promise<number> {
    using input = new Input({ source: new FilePathSource(file), formats: ALL_FORMATS });
    const track = (await input.getPrimaryVideoTrack())!;
    const images: Promise<Buffer>[] = [];
    for await (using sample of new VideoSampleSink(track).samples()) {
      if (sample.timestamp * 1000 < images.length * INTERVAL_MS - 1) continue;
      const rgba = new Uint8ClampedArray(sample.allocationSize({ format: "RGBA" }));
      await sample.copyTo(rgba, { format: "RGBA" });
      const canvas = createCanvas(sample.visibleRect.width, sample.visibleRect.height);
      canvas.getContext("2d").putImageData(new ImageData(rgba, canvas.width, canvas.height), 0, 0);
      images.push(canvas.encode("jpeg", 80));
      if (images.length === IMAGES) break;
    }
    return (await Promise.all(images)).length;
  }

  const what = `${IMAGES} JPEG images of 1280x720, one a second, of ${FRAME_RATE} frames a second`;
  report("get-images", {
    figures: [
      figure(what, rounded(ours), `s (median of ${ROUNDS})`),
      figure("an image", rounded((ours * 1000) / IMAGES), "ms"),
      figure("the clip decoded from its start in this process", rounded(rival), "s"),
    ],
    rival: {
      name: "decoding the clip from its start in one process",
      ratio: rounded(ratio),
      ratioOf: "its time / ours",
    },
    sameWork: `both return ${IMAGES} JPEG images of the same moments`,
  });
} finally {
  await local.stop();
  rmSync(folder, { recursive: true });
}

async function secondsOf(contender: () => Promise<number>): Promise<number> {
  const startedAt = performance.now();
  if ((await contender()) !== IMAGES) throw new Error(`expected ${IMAGES} images`);
  return (performance.now() - startedAt) / 1000;
}
