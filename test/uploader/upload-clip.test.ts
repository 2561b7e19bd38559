import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { readSegment } from "../../local/matroska/index.ts";
import { uploadClip } from "../../uploader/upload-clip.ts";
import { frontDoorClip } from "./made-clips.ts";

/** Answers GetDataEndpoint with its own address, and PutMedia by reading the Matroska it is sent. */
let server: Server;
let requests: string[];
let clusterTimecodes: number[];
let receivedBytes: number;
let endpoint: string;

beforeEach(async () => {
  requests = [];
  clusterTimecodes = [];
  receivedBytes = 0;
  server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    if (request.url === "/getDataEndpoint") {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ DataEndpoint: endpoint }));
      return;
    }
    request.on("data", (chunk: Uint8Array) => (receivedBytes += chunk.length));
    void (async () => {
      for await (const part of readSegment(request)) {
        if (part.kind !== "cluster") continue;
        clusterTimecodes.push(part.timecode);
        const number = `9000${clusterTimecodes.length}`;
        response.write(
          `{"EventType":"PERSISTED","FragmentTimecode":${part.timecode},"FragmentNumber":"${number}"}\r\n`,
        );
      }
      response.end();
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

const options = {
  file: frontDoorClip,
  streamName: "front-door",
  startMs: 1_763_700_000_123,
  region: "eu-west-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
};

describe("uploadClip", () => {
  test("asks for the data endpoint and sends the whole clip there", async () => {
    const uploaded = await uploadClip({ ...options, endpoint });
    expect(requests).toEqual(["POST /getDataEndpoint", "POST /putMedia"]);
    expect(uploaded).toEqual({
      fragments: 8,
      firstProducerMs: 1_763_700_000_123,
      lastProducerMs: 1_763_700_016_123,
      durationMs: 16_000,
      bytes: receivedBytes,
      persistedFragments: 8,
      lastPersistedFragmentNumber: "90008",
      notices: [],
    });
    expect(clusterTimecodes[0]).toBe(1_763_700_000_123);
    expect(clusterTimecodes).toHaveLength(8);
    expect(receivedBytes).toBeGreaterThan(100_000);
  });

  test("refuses a start in seconds before anything is sent", async () => {
    await expect(uploadClip({ ...options, endpoint, startMs: 1_763_700_000 })).rejects.toThrow(
      "startMs is 1763700000; expected epoch milliseconds, such as 1700000000000",
    );
    expect(requests).toEqual([]);
  });

  test("refuses an unsuitable file before anything is sent", async () => {
    await expect(uploadClip({ ...options, endpoint, file: "package.json" })).rejects.toThrow(
      "package.json: not a video file; expected MP4, MOV or MKV",
    );
    expect(requests).toEqual([]);
  });
});
