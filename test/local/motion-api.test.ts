import {
  DeleteStreamProcessorCommand,
  DescribeStreamProcessorCommand,
  RekognitionClient,
} from "@aws-sdk/client-rekognition";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Webhook } from "standardwebhooks";
import { deriveToken } from "../../core/motion/credential.ts";
import { deriveKey, formatSecret } from "../../core/webhook.ts";
import { Fleet } from "../../operator/fleet.ts";
import { masterSecretOf, startStack, type TestStack } from "./stack.ts";

let stack: TestStack;
let masterSecret: string;
let nextId = 1;

beforeAll(async () => {
  stack = await startStack();
  masterSecret = await masterSecretOf(stack);
});
afterAll(() => stack.stop());

interface Sending {
  readonly body?: string;
  readonly id?: string;
  readonly at?: Date;
  /** Whose key signs; the camera's own unless given. */
  readonly signer?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a webhook, signed by the reference library. */
async function send(cameraId: string, verb: "start" | "stop", sending: Sending = {}) {
  const { body = "{}", id = `msg_${nextId++}`, at = new Date(), signer = cameraId } = sending;
  const signature = new Webhook(formatSecret(deriveKey(masterSecret, signer, 1))).sign(id, at, body);
  const signed = {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": signature,
  };
  const url = `${stack.journey.outputs.MotionApiUrl}/cameras/${cameraId}/motion/${verb}`;
  const response = await fetch(url, { method: "POST", headers: { ...signed, ...sending.headers }, body });
  return {
    status: response.status,
    type: response.headers.get("content-type"),
    retryAfter: response.headers.get("retry-after"),
    body: (await response.json()) as Record<string, unknown>,
  };
}

async function sessionOf(cameraId: string): Promise<Record<string, unknown> | undefined> {
  const { Item } = await new DynamoDBClient(stack.config).send(
    new GetItemCommand({
      TableName: stack.journey.outputs.SessionsTableName,
      Key: { cameraId: { S: cameraId } },
    }),
  );
  return Item && unmarshall(Item);
}

const processorStatus = async (cameraId: string) =>
  (
    await new RekognitionClient(stack.config).send(
      new DescribeStreamProcessorCommand({ Name: stack.journey.outputs.CameraPrefix + cameraId }),
    )
  ).Status;

const UNAUTHORIZED = {
  status: 401,
  type: "application/problem+json",
  body: {
    type: "/problems/unauthorized",
    title: "The request does not prove that it is the camera's",
    status: 401,
    detail:
      "prove the request with this camera's credential: a Standard Webhooks signature with a fresh timestamp and an id not used before, or its token",
  },
};

describe("a motion start", () => {
  test("starts one session, in producer milliseconds and for the requested duration, and a second one joins it", async () => {
    await stack.journey.register("garage");
    const at = Date.now() - 5000;
    const first = await send("garage", "start", { body: JSON.stringify({ at, maxDurationSeconds: 20 }) });
    expect(first.status).toBe(202);
    expect(first.body).toEqual({
      cameraId: "garage",
      state: "running",
      sessionId: expect.any(String),
      videoStartAt: new Date(at).toISOString(),
      maxDurationSeconds: 20,
      motionUntilAt: new Date(at + 60_000).toISOString(),
    });
    expect(await processorStatus("garage")).toBe("STARTING");
    expect(await sessionOf("garage")).toMatchObject({
      state: "running",
      run: { sessionId: first.body["sessionId"], videoStartMs: at },
    });

    const second = await send("garage", "start");
    expect(second).toMatchObject({ status: 200, body: { sessionId: first.body["sessionId"] } });

    const stopped = await send("garage", "stop");
    expect(stopped).toMatchObject({
      status: 200,
      body: { sessionId: first.body["sessionId"], motionEndedAt: expect.any(String) },
    });
  });

  test("at the same moment from many senders starts one session", async () => {
    await stack.journey.register("shed");
    const responses = await Promise.all(Array.from({ length: 8 }, () => send("shed", "start")));
    const statuses = responses.map(({ status }) => status).toSorted((a, b) => a - b);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 200, 202]);
  });

  test("is refused when it is unsigned, wrongly signed, another camera's or stale, and nothing starts", async () => {
    await stack.journey.register("porch");
    const unsigned = { "webhook-id": "", "webhook-timestamp": "", "webhook-signature": "" };
    expect(await send("porch", "start", { headers: unsigned })).toMatchObject(UNAUTHORIZED);
    expect(await send("porch", "start", { headers: { "webhook-signature": "v1,AAAA" } })).toMatchObject(
      UNAUTHORIZED,
    );
    expect(await send("porch", "start", { signer: "garage" })).toMatchObject(UNAUTHORIZED);
    expect(await send("porch", "start", { at: new Date(Date.now() - 301_000) })).toMatchObject(UNAUTHORIZED);
    expect(await send("porch", "start", { at: new Date(Date.now() + 302_000) })).toMatchObject(UNAUTHORIZED);
    expect(await processorStatus("porch")).toBe("STOPPED");
    expect(await sessionOf("porch")).toBeUndefined();
  });

  test("is accepted after any number of guesses, which write nothing", async () => {
    await stack.journey.register("loft");
    const url = `${stack.journey.outputs.MotionApiUrl}/cameras/loft/motion/start`;
    const statuses = new Set<number>();
    for (let guess = 0; guess < 40; guess++) {
      const token = deriveToken(masterSecret, `guess-${guess}`, 1);
      const response = await fetch(url, { method: "POST", headers: { authorization: `Bearer ${token}` } });
      statuses.add(response.status);
    }
    expect([...statuses]).toEqual([401]);
    expect(await sessionOf("loft")).toBeUndefined();
    expect((await send("loft", "start")).status).toBe(202);
  });

  test("is refused when it was sent before", async () => {
    await stack.journey.register("gate");
    const sending = { id: "msg_replayed", at: new Date() };
    expect((await send("gate", "start", sending)).status).toBe(202);
    expect(await send("gate", "start", sending)).toMatchObject(UNAUTHORIZED);
  });

  test("whose signed body says so is refused at the other address, and still acts at its own", async () => {
    await stack.journey.register("carport");
    const held = { id: "msg_held", at: new Date(), body: '{"motion":"start"}' };
    expect(await send("carport", "stop", held)).toMatchObject({
      status: 422,
      body: {
        type: "/problems/invalid-motion",
        detail: 'motion is "start"; expected "stop" at the address /motion/stop',
      },
    });
    expect(await sessionOf("carport")).toBeUndefined();
    expect((await send("carport", "start", held)).status).toBe(202);
    expect((await send("carport", "stop", { body: '{"motion":"stop"}' })).status).toBe(200);
  });

  test("of a camera that is not registered is 404 when validly signed and 401 otherwise", async () => {
    expect(await send("nowhere", "start")).toMatchObject({
      status: 404,
      body: { type: "/problems/unknown-camera", status: 404 },
    });
    expect(await send("nowhere", "start", { signer: "garage" })).toMatchObject(UNAUTHORIZED);
    expect(await send("No%2F..%2Fwhere", "start")).toMatchObject(UNAUTHORIZED);
  });

  test("with a body that is no JSON, invalid or too large is 400, 422 or 413, and may be corrected", async () => {
    await stack.journey.register("attic");
    const id = "msg_corrected";
    expect(await send("attic", "start", { id, body: "motion!" })).toMatchObject({
      status: 400,
      type: "application/problem+json",
      body: { type: "/problems/not-json" },
    });
    expect(await send("attic", "start", { id, body: '{"at":1763699999}' })).toMatchObject({
      status: 422,
      body: { detail: "at: 1763699999 looks like epoch seconds; expected epoch milliseconds" },
    });
    expect(await send("attic", "start", { id, body: `"${"x".repeat(20_000)}"` })).toMatchObject({
      status: 413,
    });
    expect((await send("attic", "start", { id, body: "{}" })).status).toBe(202);
  });

  test("over the gateway's 10 MB is refused by the gateway", async () => {
    expect(await send("attic", "start", { body: `"${"x".repeat(10_500_000)}"` })).toMatchObject({
      status: 413,
    });
  });

  test("that Rekognition refuses is 503 with the reason, recorded as failed and tried again, and the same webhook may be sent again", async () => {
    const cameraId = "cellar";
    const camera = await stack.journey.register(cameraId);
    const rekognition = new RekognitionClient(stack.config);
    await rekognition.send(new DeleteStreamProcessorCommand({ Name: camera.processorName }));
    const sending = { id: "msg_again", at: new Date() };
    const refused = await send(cameraId, "start", sending);
    expect(refused).toMatchObject({
      status: 503,
      retryAfter: "60",
      body: { type: "/problems/start-refused" },
    });
    expect(refused.body["detail"]).toMatch(/^ResourceNotFoundException: /);
    expect(await sessionOf(cameraId)).toMatchObject({ state: "failed", failure: refused.body["detail"] });

    await stack.journey.register(cameraId);
    // 202 where the next try was due by then: it is made at once.
    expect([200, 202]).toContain((await send(cameraId, "start", sending)).status);
    await stack.local.cloud.events.waitFor(
      ({ name, detail }) => name === "log" && /"cellar","state":"running"/.test(String(detail["line"])),
    );
    expect(await processorStatus(cameraId)).toBe("STARTING");
  });
});

describe("a camera of the motion format hikvision", () => {
  const cameraId = "drive";
  const alert = (eventType: string, eventState: string) =>
    `<EventNotificationAlert><eventType>${eventType}</eventType><eventState>${eventState}</eventState></EventNotificationAlert>`;
  const post = async (body: string | Buffer, contentType = "application/xml", verb = "start") => {
    const token = deriveToken(masterSecret, cameraId, 1);
    const url = `${stack.journey.outputs.MotionApiUrl}/cameras/${cameraId}/motion/${verb}?token=${token}`;
    const response = await fetch(url, { method: "POST", headers: { "content-type": contentType }, body });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  beforeAll(async () => {
    const fleet = await Fleet.open("doorstep-dev", stack.config, stack.clock);
    await fleet.add({ cameraId, motionFormat: "hikvision" });
  });

  test("starts nothing and writes nothing for a heartbeat", async () => {
    expect(await post(alert("videoloss", "inactive"))).toEqual({
      status: 200,
      body: { cameraId, state: "idle", noMotion: "videoloss inactive is not motion" },
    });
    expect(await sessionOf(cameraId)).toBeUndefined();
    expect(await processorStatus(cameraId)).toBe("STOPPED");
  });

  test("starts nothing for a body of another format, and learns which it looks like", async () => {
    expect(await post('{"alarm":{"triggers":[{"key":"motion"}]}}', "application/json")).toMatchObject({
      status: 422,
      body: {
        type: "/problems/wrong-format",
        detail: expect.stringContaining("--motion-format unifi-protect"),
      },
    });
    expect(await sessionOf(cameraId)).toBeUndefined();
  });

  test("begins motion by a multipart body with a picture of megabytes, and ends it at the same address", async () => {
    const picture = Buffer.alloc(3_000_000, 0xe0);
    const parts = [
      `--b\r\nContent-Type: application/xml\r\n\r\n${alert("VMD", "active")}\r\n--b\r\nContent-Type: image/jpeg\r\n\r\n`,
      picture,
      "\r\n--b--\r\n",
    ].map((part) => Buffer.from(part));
    const began = await post(Buffer.concat(parts), "multipart/form-data; boundary=b");
    expect(began).toMatchObject({ status: 202, body: { state: "running" } });
    const ended = await post(alert("VMD", "inactive"));
    expect(ended).toMatchObject({
      status: 200,
      body: { sessionId: began.body["sessionId"], motionEndedAt: expect.any(String) },
    });
  });

  test("is refused with a body over 4 MiB", async () => {
    expect(await post(Buffer.alloc(4 * 1024 * 1024 + 1), "multipart/form-data; boundary=b")).toMatchObject({
      status: 413,
      body: { type: "/problems/body-too-large" },
    });
  });

  test("is refused by the gateway with a body over Lambda's 6 MB as base64", async () => {
    expect(await post(Buffer.alloc(5_000_000), "multipart/form-data; boundary=b")).toEqual({
      status: 413,
      body: { message: "Request Too Long" },
    });
  });
});

test("a motion stop without a session is 200 and idle", async () => {
  await stack.journey.register("quiet");
  expect(await send("quiet", "stop")).toMatchObject({
    status: 200,
    body: { cameraId: "quiet", state: "idle" },
  });
});

test("a route that does not exist is 404", async () => {
  const response = await fetch(`${stack.journey.outputs.MotionApiUrl}/nothing`);
  expect([response.status, await response.json()]).toEqual([404, { message: "Not Found" }]);
});

test("secrets and signatures appear in no function's log", () => {
  const logged = stack.local.cloud.events
    .matching(({ service, name }) => service === "lambda" && name === "log")
    .map(({ detail }) => String(detail["line"]))
    .join("\n");
  expect(logged).toContain("request refused");
  expect(logged).not.toContain(masterSecret);
  expect(logged).not.toMatch(/v1,|whsec_/);
});
