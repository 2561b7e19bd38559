import { once } from "node:events";
import { readBody } from "../../../local/api/body.ts";
import { restApi } from "../../../local/api/rest.ts";
import type { Cloud } from "../../../local/cloud.ts";
import type { Service } from "../../../local/service.ts";
import { AwsError } from "../../../local/errors.ts";
import { readSegment, tagsElement, type Tag } from "../../../local/matroska/index.ts";
import { openClip } from "../../../uploader/sources/file.ts";
import { matroskaOf } from "../../uploader/matroska-of.ts";
import * as v from "valibot";

/** One fragment of a stream. */
export interface StoredFragment {
  readonly tags: readonly Tag[];
  readonly producerTimestampMs: number;
  readonly cluster: Uint8Array;
}

/** A clip cut into the fragments that the uploader would send. */
export async function fragmentsOf(
  file: string,
  startMs: number,
): Promise<{ header: Uint8Array; fragments: StoredFragment[] }> {
  const clip = await openClip(file);
  let header = new Uint8Array();
  let tags: Tag[] = [];
  const fragments: StoredFragment[] = [];
  for await (const part of readSegment(matroskaOf(clip, { startMs, timecodeType: "ABSOLUTE" }))) {
    if (part.kind === "header") header = new Uint8Array(part.bytes);
    else if (part.kind === "tags") tags = part.tags;
    else if (part.kind === "cluster")
      fragments.push({ tags, producerTimestampMs: part.timecode, cluster: part.bytes });
  }
  await clip.close();
  return { header, fragments };
}

/** A Kinesis video stream in memory, with the bytes that a test gives it. Fragment numbers are 1, 2, 3, … */
export class FakeStream {
  readonly arn: string;
  header: Uint8Array = new Uint8Array();
  readonly #fragments: StoredFragment[] = [];
  readonly #connections: Promise<unknown>[] = [];
  #changed = Promise.withResolvers<void>();

  constructor(arn: string) {
    this.arn = arn;
  }

  add(...fragments: readonly StoredFragment[]): void {
    this.#fragments.push(...fragments);
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /** Registers a GetMedia connection by the promise of its end. */
  opened(closed: Promise<unknown>): void {
    this.#connections.push(closed);
  }

  /** Resolves when all connections are closed. */
  async allClosed(): Promise<void> {
    await Promise.all(this.#connections);
  }

  /** What GetMedia sends from the selector on; waits for more at the end. */
  async *media(firstNumber: number, sinceMs: number, closed: Promise<unknown>): AsyncGenerator<Uint8Array> {
    yield this.header;
    for (let number = firstNumber; ; number++) {
      const fragment = this.#fragments[number - 1];
      if (!fragment) {
        const isClosed = await Promise.race([
          this.#changed.promise.then(() => false),
          closed.then(() => true),
        ]);
        if (isClosed) return;
        number--;
        continue;
      }
      const seconds = (fragment.producerTimestampMs / 1000).toFixed(3);
      if (fragment.producerTimestampMs < sinceMs) continue;
      yield tagsElement([
        { name: "AWS_KINESISVIDEO_FRAGMENT_NUMBER", value: String(number) },
        {
          name: "AWS_KINESISVIDEO_SERVER_TIMESTAMP",
          value: (fragment.producerTimestampMs / 1000 + 2).toFixed(3),
        },
        { name: "AWS_KINESISVIDEO_PRODUCER_TIMESTAMP", value: seconds },
        ...fragment.tags,
      ]);
      yield fragment.cluster;
    }
  }
}

/** GetDataEndpoint and GetMedia over fake streams. */
export const fakeKinesisVideo = (streams: () => readonly FakeStream[]): Service => ({
  name: "kinesis-video",
  start: (cloud: Cloud) => {
    const find = (arn: string) => {
      const stream = streams().find((one) => one.arn === arn);
      if (!stream) throw new AwsError("ResourceNotFoundException", `there is no stream ${arn}`, 404);
      return stream;
    };
    const getDataEndpoint = {
      input: v.object({ StreamARN: v.string(), APIName: v.literal("GET_MEDIA") }),
      resources: ({ StreamARN }: { StreamARN: string }) => StreamARN,
      run: ({ StreamARN }: { StreamARN: string }) => ({ DataEndpoint: find(StreamARN) && cloud.endpoint }),
    };
    const api = restApi<undefined>(
      {
        signingName: "kinesisvideo",
        invalidInputCode: "InvalidArgumentException",
        routes: [
          { method: "POST", path: "/getDataEndpoint", name: "GetDataEndpoint", action: getDataEndpoint },
          {
            method: "POST",
            path: "/getMedia",
            name: "GetMedia",
            stream: async ({ body, response, caller }) => {
              const { StreamARN, StartSelector } = JSON.parse(String(await readBody(body, 10_000))) as {
                StreamARN: string;
                StartSelector: {
                  StartTimestamp?: number;
                  AfterFragmentNumber?: string;
                  ContinuationToken?: string;
                };
              };
              cloud.access.authorise(caller, "kinesisvideo:GetMedia", StreamARN);
              const after = Number(StartSelector.AfterFragmentNumber ?? StartSelector.ContinuationToken ?? 0);
              const sinceMs = (StartSelector.StartTimestamp ?? 0) * 1000;
              const closed = once(response, "close");
              find(StreamARN).opened(closed);
              response.writeHead(200, { "content-type": "video/webm" });
              for await (const bytes of find(StreamARN).media(after + 1, sinceMs, closed))
                response.write(bytes);
            },
          },
        ],
      },
      cloud,
      undefined,
    );
    return { apis: [api] };
  },
});
