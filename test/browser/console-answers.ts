/** Canned answers of the screens Try a camera, Ask and Flow. */
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../base/durations.ts";
import { FLOW_EDGES, FLOW_NODES } from "../../console/flow-nodes.ts";
import { queryPack } from "../../operator/query-pack.ts";
import type { Flow } from "../../schemas/console/flow.ts";
import type { Estimate, Execution, SavedQueries } from "../../schemas/console/queries.ts";
import type { TryLog } from "../../schemas/console/tries.ts";
import { FAILURE_PATHS } from "../../schemas/failure-paths/failure-paths.ts";
import { LAKE_TABLES } from "../../schemas/tables/lake-tables.ts";
import { columnsOf, trinoType } from "../../schemas/views/view.ts";
import { views } from "../../schemas/views/views.ts";

const QUERY_ID = "0b5f2c1e-5d0e-4a39-9d3c-6a1f0c6e2b11";
export const RUNNING_ID = "1b5f2c1e-5d0e-4a39-9d3c-6a1f0c6e2b11";
export const FAILED_ID = "2b5f2c1e-5d0e-4a39-9d3c-6a1f0c6e2b11";

const savedQueries = (): SavedQueries => ({
  queries: queryPack().map(({ name, purpose, parameters, sql }) => ({
    name,
    purpose,
    sql,
    parameters: parameters.map((one) => ({
      name: one.name,
      type: one.type,
      meaning: one.meaning,
      ...(one.default !== undefined && { default: one.default }),
    })),
  })),
  tables: [
    ...views.map((view) => ({ ...view, kind: "view" as const })),
    ...Object.values(LAKE_TABLES).map((table) => ({
      ...table,
      kind: "table" as const,
      columns: columnsOf(table),
    })),
  ].map(({ name, kind, description, columns }) => ({
    name,
    kind,
    description,
    columns: columns.map((column) => ({
      name: column.name,
      type: trinoType(column.type),
      comment: column.comment,
    })),
  })),
});

const estimate: Estimate = {
  tables: [
    {
      table: "detection_records",
      partitions: [{ column: "dt", first: "2026-11-23", last: "2026-11-30" }],
      listed: 192,
      files: 1204,
      bytes: 6_240_000,
    },
  ],
  files: 1204,
  bytes: 6_240_000,
  costUsd: 0.001,
};

const execution = (nowMs: number, hostile: string): Execution => ({
  queryId: QUERY_ID,
  sql: "SELECT …",
  state: "succeeded",
  submittedAtMs: nowMs - 3000,
  runMs: 1240,
  scannedBytes: 1_830_000,
  costUsd: 0.00005,
  columns: [
    { name: "camera_id", type: "varchar" },
    { name: "hour", type: "varchar" },
    { name: "detections", type: "bigint" },
    { name: "share_percent", type: "double" },
  ],
  rows: [
    ["front-door", "18", "214", "22.4"],
    ["front-door", "08", "187", "19.6"],
    ["back-yard", "17", "96", "10.1"],
    ["garage", "07", "41", null],
    [hostile, "12", "7", "0.7"],
  ],
  next: "500",
});

const running = (nowMs: number): Execution => ({
  queryId: RUNNING_ID,
  sql: "SELECT …",
  state: "running",
  submittedAtMs: nowMs - 95 * SECOND_MS,
  runMs: 95 * SECOND_MS,
});

const failed: Execution = {
  queryId: FAILED_ID,
  sql: "SELECT camera_id,\n  lable\nFROM detections",
  state: "failed",
  runMs: 210,
  scannedBytes: 0,
  costUsd: 0,
  reason: "COLUMN_NOT_FOUND: line 2:3: Column 'lable' cannot be resolved",
  remedy: "take a column of the list beside the editor",
  position: { line: 2, column: 3 },
};

const tryLog = (nowMs: number, hostile: string): TryLog => ({
  nowMs,
  attempts: [
    {
      id: "5",
      atMs: nowMs - 8 * SECOND_MS,
      cameraId: "front-door",
      path: "/cameras/front-door/motion/start",
      verdict: "accepted",
      words: "motion started; session 6f7f4a15 is running",
      expected: { clock: "right", credential: "signature", state: "running", session: "6f7f4a15" },
    },
    {
      id: "4",
      atMs: nowMs - MINUTE_MS,
      cameraId: "front-door",
      path: "/cameras/front-door/motion/start",
      status: 401,
      verdict: "refused",
      words:
        "the key is the secret's text; decode the base64 after its prefix to 32 bytes; the signature covers the body alone; expected id.timestamp.body",
      expected: {
        check: "webhook-signature",
        problem: "unauthorized",
        signedText: `msg_2Lh9KRb0pzN4LePd3XiA4v12Axj.1796063340.{"at":"2026-11-30T18:28:59Z","motion":"start"}`,
        clock: "2 s behind, which is fine",
      },
    },
    {
      id: "3",
      atMs: nowMs - 2 * MINUTE_MS,
      cameraId: "front-door",
      path: "/cameras/front-door/motion/start",
      status: 401,
      verdict: "refused",
      words:
        "the signature is right, but the camera's clock is 412 s behind; at most 300 s are accepted, so set its clock by NTP",
      expected: {
        check: "webhook-timestamp",
        problem: "unauthorized",
        signedText: `${hostile}.1796062868.<body of 312 bytes, SHA-256 88bab6d8f6dc68a8…>`,
        clock: "412 s behind",
      },
    },
    {
      id: "2",
      atMs: nowMs - 3 * MINUTE_MS,
      cameraId: "front-door",
      path: "/cameras/front-door/motion/start",
      status: 200,
      verdict: "ignored",
      words: "no motion: VideoLoss",
      expected: { credential: "token" },
    },
  ],
  way: [
    {
      hop: "request",
      atMs: nowMs - 8 * SECOND_MS,
      title: "motion started; session 6f7f4a15 is running",
      document: { path: "/cameras/front-door/motion/start", verdict: "accepted" },
    },
    {
      hop: "session",
      atMs: nowMs - 7.6 * SECOND_MS,
      title: "session 6f7f4a15 of frames: running",
      document: { state: "running", run: { engine: "frames", sessionId: "6f7f4a15" } },
    },
    {
      hop: "video",
      atMs: nowMs - 3 * SECOND_MS,
      title: "10.0 s of video in 5 fragments",
      document: [{ number: "91343852333181432392682062607743920", durationMs: 2000 }],
    },
  ],
});

function flow(nowMs: number): Flow {
  const counts: Readonly<Record<string, number>> = {
    motion: 412,
    startSession: 430,
    stopSession: 388,
    driveSession: 2204,
    engine: 405,
    sampleFrames: 9120,
    topic: 1877,
    closeSession: 405,
    raiseAlerts: 1490,
    sendAlerts: 61,
    DetectionsDeliveryStream: 1877,
    SessionsDeliveryStream: 810,
    AlertsDeliveryStream: 1472,
    transform: 318,
    lake: 4159,
  };
  const failures: Readonly<Record<string, number>> = { motion: 18, engine: 2, sendAlerts: 3 };
  return {
    fromMs: nowMs - 24 * HOUR_MS,
    untilMs: nowMs,
    nodes: FLOW_NODES.map(({ id, name, stage, kind }) => ({
      id,
      name,
      stage,
      kind,
      ...(counts[id] !== undefined && { count: counts[id] }),
      ...(failures[id] !== undefined && { failed: failures[id] }),
      ...(kind === "queue" && { depth: id === "sampleQueue" ? 4 : 0 }),
      ...(kind === "function" && counts[id] !== undefined && { lagMs: 840 }),
      ...(id === "lake" && { lagMs: 6400 }),
    })),
    edges: FLOW_EDGES.map(([from, to]) => ({ from, to })),
    paths: FAILURE_PATHS.map(({ name, stage, from, to, failure, recovery, keptIn, redrive = [] }) => ({
      name,
      stage,
      from,
      to,
      failure,
      recovery,
      keptIn,
      redrive: [...redrive],
      ...(redrive.length > 0 && { waiting: name === "alert-delivery-queue-to-targets" ? 3 : 0 }),
      ...(name === "alert-delivery-queue-to-targets" && {
        lastError: {
          atMs: nowMs - 40 * MINUTE_MS,
          error: "message not accepted; phone: 503 Service Unavailable",
          remedy: recovery,
        },
      }),
    })),
  };
}

/** The answer at an address; undefined for one of another screen. */
export function answerOfTools(method: string, url: URL, nowMs: number, hostile: string, body = ""): unknown {
  const { pathname } = url;
  if (method === "POST")
    return {
      "/api/queries/estimate": estimate,
      "/api/queries": { queryId: body.includes("endless") ? RUNNING_ID : QUERY_ID },
      "/api/tries/motion": { status: 202, response: { cameraId: "front-door", state: "starting" } },
      "/api/tries/clip": {
        cameraId: "front-door",
        fragments: 5,
        fromMs: nowMs - 10 * SECOND_MS,
        untilMs: nowMs,
        motion: { status: 202, response: { requests: 2 } },
      },
      "/api/flow/alert-deliveries/redrive": {
        path: "alert-deliveries",
        waiting: 3,
        redriven: 2,
        left: [{ what: "f0f1", reason: "it is no delivery" }],
      },
    }[pathname];
  if (method === "DELETE") return { ...running(nowMs), state: "cancelled" } satisfies Execution;
  return {
    "/api/queries": savedQueries(),
    [`/api/queries/${QUERY_ID}`]: execution(nowMs, hostile),
    [`/api/queries/${RUNNING_ID}`]: running(nowMs),
    [`/api/queries/${FAILED_ID}`]: failed,
    "/api/tries/log": tryLog(nowMs, hostile),
    "/api/flow": flow(nowMs),
  }[pathname];
}
