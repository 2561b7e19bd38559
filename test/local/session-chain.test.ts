import { dirname } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { camerasTable } from "../../aws/cameras.ts";
import { sessionsTable } from "../../aws/sessions.ts";
import { deriveToken } from "../../core/motion/credential.ts";
import { clipsOf } from "../../demo/clips.ts";
import { masterSecretOf, startStack, type TestStack } from "./stack.ts";

const [clip] = clipsOf([]);
let stack: TestStack;
let masterSecret: string;

beforeAll(async () => {
  stack = await startStack([dirname(clip!.file)]);
  masterSecret = await masterSecretOf(stack);
});
afterAll(() => stack.stop());

const token = (cameraId: string, version = 1) => deriveToken(masterSecret, cameraId, version);

/** Calls the motion API without a signature. */
async function call(
  path: string,
  {
    method = "GET",
    headers = {},
    body,
  }: { method?: string; headers?: Record<string, string>; body?: object } = {},
) {
  const response = await fetch(`${stack.journey.outputs.MotionApiUrl}/cameras/${path}`, {
    method,
    headers,
    ...(body && { body: JSON.stringify(body) }),
  });
  return {
    status: response.status,
    retryAfter: response.headers.get("retry-after"),
    body: (await response.json()) as Record<string, unknown>,
  };
}

const bearer = (cameraId: string) => ({ authorization: `Bearer ${token(cameraId)}` });

const recordOf = (cameraId: string) =>
  sessionsTable(stack.journey.outputs.SessionsTableName, new DynamoDBClient(stack.config)).find(cameraId);

describe("motion longer than a session", () => {
  test("is covered by sessions one after another, and the ledger has every second of it once, as one chain", async () => {
    const { camera, startMs } = await stack.journey.upload(clip!);
    const { cameraId } = camera;
    const headers = bearer(cameraId);
    const begun = { at: startMs, maxDurationSeconds: 5 };
    expect(await call(`${cameraId}/motion/start`, { method: "POST", headers, body: begun })).toMatchObject({
      status: 202,
      body: { state: "running", maxDurationSeconds: 5 },
    });
    const ended = { at: startMs + 13_000 };
    expect(await call(`${cameraId}/motion/stop`, { method: "POST", headers, body: ended })).toMatchObject({
      status: 200,
      body: { motionUntilAt: new Date(startMs + 13_000).toISOString() },
    });
    const { events } = stack.local.cloud;
    for (;;) {
      const record = await recordOf(cameraId);
      if (record && record.wanted.length === 0 && record.outbox.length === 0) break;
      const seen = events.matching(({ service }) => service === "lambda").length;
      await events.waitFor(() => events.matching(({ service }) => service === "lambda").length > seen);
    }
    await stack.flushFirehose();
    const { rows } = await stack.journey.query(
      // Delivery is at least once, so a row may be there twice.
      `SELECT DISTINCT event_id, outcome, session_started_at_ms, session_ended_at_ms, chain_started_at_ms
       FROM session_records
       WHERE source = 'ledger' ORDER BY session_started_at_ms`,
    );
    expect(rows.length).toBeGreaterThanOrEqual(2);
    let coveredMs = startMs;
    for (const [, outcome, fromMs, untilMs, chainFromMs] of rows) {
      expect([outcome, Number(fromMs), Number(chainFromMs)]).toEqual(["completed", coveredMs, startMs]);
      coveredMs = Number(untilMs);
    }
    expect(coveredMs).toBeGreaterThanOrEqual(startMs + 13_000);
    expect(await call(`${cameraId}/session`, { headers })).toMatchObject({
      status: 200,
      body: { state: "completed", motionEndedAt: new Date(startMs + 13_000).toISOString() },
    });
  });
});

describe("firmware that cannot sign", () => {
  test("may send its token as a bearer token, a Basic password or in the query, and GET for POST", async () => {
    await stack.journey.register("porch");
    const basic = `Basic ${Buffer.from(`porch:${token("porch")}`).toString("base64")}`;
    expect((await call("porch/session", { headers: bearer("porch") })).body).toEqual({
      cameraId: "porch",
      state: "idle",
    });
    expect((await call("porch/motion/start", { headers: { authorization: basic } })).status).toBe(202);
    expect((await call(`porch/motion/start?token=${token("porch")}`)).status).toBe(200);
    expect((await call(`porch/motion/stop?token=${token("porch")}`)).status).toBe(200);
  });

  test("is refused the same for a wrong token, another camera's, and a camera that is unknown", async () => {
    await stack.journey.register("porch");
    const refusals = [
      await call("porch/motion/start?token=wrong"),
      await call(`porch/motion/start?token=${token("garage")}`),
      await call(`porch/motion/start?token=${token("porch", 2)}`),
      await call("nowhere/motion/start?token=wrong"),
      await call("porch/motion/start"),
    ];
    for (const refusal of refusals) expect(refusal).toEqual({ ...refusals[0]!, status: 401 });
  });

  test("may use the key before while that still counts", async () => {
    const { CamerasTableName } = stack.journey.outputs;
    const camera = await stack.journey.register("gate");
    const table = camerasTable(CamerasTableName, new DynamoDBClient(stack.config));
    const rotation = { keyVersion: 2, previousKeyUntilMs: stack.clock.now() + 3_600_000 };
    expect(await table.change(camera, rotation)).toBe(true);
    for (const version of [1, 2])
      expect((await call(`gate/session?token=${token("gate", version)}`)).status).toBe(200);
    const ended = { previousKeyUntilMs: stack.clock.now() - 1 };
    expect(await table.change({ ...camera, ...rotation }, ended)).toBe(true);
    expect((await call(`gate/session?token=${token("gate", 1)}`)).status).toBe(401);
  });

  test("gets Retry-After when it sends too many requests", async () => {
    await stack.journey.register("busy");
    const statuses = new Set<number>();
    let limited: Awaited<ReturnType<typeof call>> | undefined;
    for (let report = 0; report < 200 && !limited; report++) {
      const response = await call("busy/session", { headers: bearer("busy") });
      statuses.add(response.status);
      if (response.status === 429) limited = response;
    }
    expect([...statuses]).toEqual([200, 429]);
    expect(limited).toMatchObject({ retryAfter: "1", body: { type: "/problems/too-many-requests" } });
  });

  test("has its token in no log", () => {
    const logged = stack.local.cloud.events
      .matching(() => true)
      .map((event) => JSON.stringify(event))
      .join("\n");
    for (const cameraId of ["porch", "gate", "busy"]) expect(logged).not.toContain(token(cameraId));
  });
});
