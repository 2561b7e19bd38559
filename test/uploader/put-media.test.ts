import { createHash, createHmac } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { Ack } from "../../uploader/acks.ts";
import { putMedia, signedPutMediaHeaders } from "../../uploader/put-media.ts";
import type { PutMediaTarget } from "../../uploader/put-media.ts";

const target: PutMediaTarget = {
  endpoint: "https://s-1234abcd.kinesisvideo.eu-west-1.amazonaws.com",
  region: "eu-west-1",
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" },
  streamName: "front-door",
  producerStartMs: 1_763_700_000_005,
  timecodeType: "ABSOLUTE",
};
const now = new Date("2025-11-21T04:40:00Z");

describe("signedPutMediaHeaders", () => {
  test("signs an empty payload and the headers that PutMedia's producers sign", async () => {
    const signedNames =
      "connection;host;transfer-encoding;user-agent;x-amz-date;x-amzn-fragment-acknowledgment-required;" +
      "x-amzn-fragment-timecode-type;x-amzn-producer-start-timestamp;x-amzn-stream-name";
    const canonicalRequest = [
      "POST",
      "/putMedia",
      "",
      "connection:keep-alive",
      "host:s-1234abcd.kinesisvideo.eu-west-1.amazonaws.com",
      "transfer-encoding:chunked",
      "user-agent:doorstep-uploader",
      "x-amz-date:20251121T044000Z",
      "x-amzn-fragment-acknowledgment-required:1",
      "x-amzn-fragment-timecode-type:ABSOLUTE",
      "x-amzn-producer-start-timestamp:1763700000.005",
      "x-amzn-stream-name:front-door",
      "",
      signedNames,
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    ].join("\n");
    const scope = "20251121/eu-west-1/kinesisvideo/aws4_request";
    const digest = createHash("sha256").update(canonicalRequest).digest("hex");
    const toSign = `AWS4-HMAC-SHA256\n20251121T044000Z\n${scope}\n${digest}`;
    const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
    const key = ["20251121", "eu-west-1", "kinesisvideo", "aws4_request"].reduce<string | Buffer>(
      hmac,
      "AWS4wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    );
    const signature = hmac(key, toSign).toString("hex");

    const headers = await signedPutMediaHeaders(target, now);
    expect(headers.authorization).toBe(
      `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${scope}, SignedHeaders=${signedNames}, Signature=${signature}`,
    );
    expect(signature).toBe("4fbcf55663633517285b452d319e2da36283ce75c4a6053fea6069a8a4f6d489");
    expect(headers).not.toHaveProperty("x-amz-content-sha256");
  });

  test("sends the token of temporary credentials", async () => {
    const credentials = { ...target.credentials, sessionToken: "token" };
    const headers = await signedPutMediaHeaders({ ...target, credentials }, now);
    expect(headers["x-amz-security-token"]).toBe("token");
  });
});

describe("putMedia", () => {
  const closers: (() => void)[] = [];
  afterEach(() => closers.splice(0).forEach((close) => close()));

  async function service(
    handle: (request: IncomingMessage, response: ServerResponse) => void,
  ): Promise<PutMediaTarget> {
    const server = createServer(handle);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closers.push(() => {
      server.close();
      server.closeAllConnections();
    });
    return { ...target, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  }

  async function* chunks(...parts: string[]): AsyncGenerator<Uint8Array> {
    for (const part of parts) yield Buffer.from(part);
  }

  test("sends the body in chunks and counts the acknowledgements", async () => {
    let received = "";
    let headers: IncomingMessage["headers"] = {};
    const endpoint = await service((request, response) => {
      headers = request.headers;
      response.write('{"EventType":"BUFFERING","FragmentTimecode":1,"FragmentNumber":"11"}\r\n');
      request.on("data", (chunk) => (received += String(chunk)));
      request.on("end", () => {
        for (const number of [11, 12])
          for (const event of ["RECEIVED", "PERSISTED"])
            response.write(`{"EventType":"${event}","FragmentTimecode":1,"FragmentNumber":"${number}"}\r\n`);
        response.end();
      });
    });
    const acks: Ack["eventType"][] = [];
    const summary = await putMedia({
      ...endpoint,
      body: chunks("one ", "two ", "three"),
      onAck: (ack) => acks.push(ack.eventType),
    });
    expect(summary).toEqual({
      receivedFragments: 2,
      persistedFragments: 2,
      lastReceivedFragmentNumber: "12",
      lastPersistedFragmentNumber: "12",
    });
    expect(acks).toEqual(["BUFFERING", "RECEIVED", "PERSISTED", "RECEIVED", "PERSISTED"]);
    expect(received).toBe("one two three");
    expect(headers).toMatchObject({
      "transfer-encoding": "chunked",
      connection: "keep-alive",
      host: endpoint.endpoint.slice("http://".length),
      "x-amzn-producer-start-timestamp": "1763700000.005",
      "x-amzn-stream-name": "front-door",
    });
  });

  test("reads no more of the body than the service accepts", async () => {
    let read = 0;
    let released = false;
    async function* endless() {
      for (;;) {
        if (released) return;
        read++;
        yield new Uint8Array(1_000_000);
      }
    }
    const endpoint = await service((request, response) => {
      response.writeHead(200).flushHeaders();
      // The service pauses until the sender could have run ahead.
      request.socket.pause();
      const waitForStandstill = (before: number) =>
        setTimeout(() => {
          if (read !== before) return waitForStandstill(read);
          released = true;
          request.resume().on("end", () => response.end());
          return request.socket.resume();
        }, 50);
      waitForStandstill(-1);
    });
    await putMedia({ ...endpoint, body: endless() });
    expect(read).toBeLessThan(50);
  });

  test("reads the next chunk when the memory of the previous one may be reused", async () => {
    async function* inOneBuffer() {
      const buffer = new Uint8Array(1_000_000);
      for (let value = 1; value <= 9; value++) yield buffer.fill(value);
    }
    const counts = new Map<number, number>();
    const endpoint = await service((request, response) => {
      request.on("data", (chunk: Uint8Array) => {
        for (const value of chunk) counts.set(value, (counts.get(value) ?? 0) + 1);
      });
      request.on("end", () => response.end());
    });
    await putMedia({ ...endpoint, body: inOneBuffer() });
    expect([...counts]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map((value) => [value, 1_000_000]));
  });

  test("converts an ERROR acknowledgement to its documented name and stops sending", async () => {
    let stop = () => {};
    const stopped = new Promise<void>((resolve) => (stop = resolve));
    async function* live() {
      try {
        for (;;) {
          yield Buffer.from("frame");
          await new Promise(setImmediate);
        }
      } finally {
        stop();
      }
    }
    const endpoint = await service((request, response) => {
      request.resume();
      response.write('{"EventType":"ERROR","FragmentTimecode":7,"FragmentNumber":"9","ErrorId":4004}\r\n');
    });
    await expect(putMedia({ ...endpoint, body: live() })).rejects.toMatchObject({
      name: "PutMediaError",
      code: "FRAGMENT_TIMECODE_LESSER_THAN_PREVIOUS",
      errorId: 4004,
      fragmentNumber: "9",
      message:
        "PutMedia at fragment 9: a fragment begins before the one that was sent ahead of it " +
        "(FRAGMENT_TIMECODE_LESSER_THAN_PREVIOUS, error 4004)",
    });
    await stopped;
  });

  test("names the error of an HTTP response", async () => {
    const endpoint = await service((request, response) => {
      request.resume();
      response.writeHead(404, { "x-amzn-ErrorType": "ResourceNotFoundException:http://internal" });
      response.end('{"Message":"Stream front-door not found"}');
    });
    await expect(putMedia({ ...endpoint, body: chunks("x") })).rejects.toMatchObject({
      name: "PutMediaError",
      code: "ResourceNotFoundException",
      httpStatus: 404,
      message: "PutMedia: Stream front-door not found (ResourceNotFoundException, HTTP 404)",
    });
  });

  test("reports a response that ends before all was sent", async () => {
    let keepSending = true;
    async function* live() {
      while (keepSending) {
        yield Buffer.from("frame");
        await new Promise(setImmediate);
      }
    }
    const endpoint = await service((request, response) => {
      request.resume();
      response.end('{"EventType":"IDLE"}');
    });
    await expect(putMedia({ ...endpoint, body: live() })).rejects.toMatchObject({
      code: "CONNECTION_CLOSED",
    });
    keepSending = false;
  });

  test("reports a service that closes the connection or does not exist", async () => {
    const endpoint = await service((request) => request.socket.destroy());
    await expect(putMedia({ ...endpoint, body: chunks("x") })).rejects.toMatchObject({
      name: "PutMediaError",
      code: "CONNECTION_CLOSED",
    });
    await expect(
      putMedia({ ...target, endpoint: "http://127.0.0.1:9", body: chunks("x") }),
    ).rejects.toMatchObject({ name: "PutMediaError", code: "CONNECTION_FAILED" });
  });

  test("times out when the service sends nothing", async () => {
    const endpoint = await service((request) => request.resume());
    await expect(putMedia({ ...endpoint, body: chunks("x"), idleTimeoutMs: 30 })).rejects.toMatchObject({
      code: "IDLE_TIMEOUT",
      message: "PutMedia: nothing sent or received for 30 ms",
    });
  });

  test("passes an error of the body on", async () => {
    const endpoint = await service((request) => request.resume().on("error", () => {}));
    async function* broken() {
      yield Buffer.from("x");
      throw new RangeError("the file ends here");
    }
    await expect(putMedia({ ...endpoint, body: broken() })).rejects.toThrow(
      new RangeError("the file ends here"),
    );
  });
});
