import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { sessionsTable } from "../../aws/sessions.ts";
import { SECOND_MS } from "../../base/durations.ts";
import { deriveToken } from "../../core/motion/credential.ts";
import { clipsOf } from "../../demo/clips.ts";
import { uploadClip } from "../../uploader/upload-clip.ts";
import { soakSize } from "../support/soak.ts";
import { masterSecretOf, startStack, type TestStack } from "./stack.ts";

/** Half an hour of motion with video; in the sample 80 seconds. */
const CLIPS = soakSize(113, 5);
const CLIP_MS = 16_000;
const SESSION_SECONDS = soakSize(60, 3);
/** How long before motion would end by itself it is reported again. */
const REPEAT_EARLY_MS = 10_000;
/** Lambda stops a chain of about as many (documented: recursive loop detection). */
const MAX_CHAIN_INVOCATIONS = 16;

const [clip] = clipsOf([]);
const folder = mkdtempSync(join(tmpdir(), "doorstep-long-"));
let stack: TestStack;

beforeAll(async () => void (stack = await startStack([], { objectModel: false })));
afterAll(async () => {
  await stack.stop();
  rmSync(folder, { recursive: true });
});

test(
  "long motion is analysed without a gap, by one chain of sessions that Lambda does not stop",
  async () => {
    const { journey, config, clock, local } = stack;
    const { cameraId, streamName, motionTimeoutSeconds } = await journey.register("porch");
    const durationMs = CLIPS * CLIP_MS;
    const startMs = clock.now() - durationMs;
    // Files one behind the other are sent one after another.
    const file = join(folder, "long.mp4");
    writeFileSync(file, Buffer.concat(Array<Buffer>(CLIPS).fill(readFileSync(clip!.file))));
    const { durationMs: sentMs } = await uploadClip({ ...config, file, streamName, startMs, clock });
    expect(sentMs).toBe(durationMs);

    const { MotionApiUrl, SessionsTableName } = journey.outputs;
    const token = deriveToken(await masterSecretOf(stack), cameraId, 1);
    const report = async (what: "start" | "stop", at: number): Promise<number> => {
      const { status } = await fetch(`${MotionApiUrl}/cameras/${cameraId}/motion/${what}`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}` },
        body: JSON.stringify({ at, ...(what === "start" && { maxDurationSeconds: SESSION_SECONDS }) }),
      });
      if (status !== 429) return status;
      // A camera may send one request a second after its first ones; turned further, the clock would outrun the functions.
      clock.turn(SECOND_MS);
      return await report(what, at);
    };
    expect(await report("start", startMs)).toBe(202);
    const repeatMs = motionTimeoutSeconds * SECOND_MS - REPEAT_EARLY_MS;
    for (let at = startMs + repeatMs; at < startMs + durationMs; at += repeatMs)
      expect(await report("start", at)).toBe(200);
    expect(await report("stop", startMs + durationMs)).toBe(200);

    const sessions = sessionsTable(SessionsTableName, new DynamoDBClient(config));
    const { events } = local.cloud;
    const invoked = () => events.matching(({ service }) => service === "lambda").length;
    for (;;) {
      const seen = invoked();
      const record = await sessions.find(cameraId);
      if (record?.wanted.length === 0 && record.outbox.length === 0) break;
      await events.waitFor(() => invoked() > seen);
    }
    await stack.flushFirehose();
    const { rows } = await journey.query(
      // Delivery is at least once, so a row may be there twice.
      `SELECT DISTINCT event_id, outcome, session_started_at_ms, session_ended_at_ms, chain_started_at_ms
       FROM session_records
       WHERE source = 'ledger' ORDER BY session_started_at_ms`,
    );
    let analysedMs = startMs;
    for (const [, outcome, fromMs, untilMs, chainFromMs] of rows) {
      expect([outcome, Number(fromMs), Number(chainFromMs)]).toEqual(["completed", analysedMs, startMs]);
      analysedMs = Number(untilMs);
    }
    expect(analysedMs).toBe(startMs + durationMs);
    expect(rows.length).toBeGreaterThanOrEqual(MAX_CHAIN_INVOCATIONS);
    expect(events.matching(({ name }) => name === "recursion-stopped")).toEqual([]);
  },
  (60 + CLIPS * 10) * SECOND_MS,
);
