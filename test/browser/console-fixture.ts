/** The console's page with canned answers, so that each screen shows the same in every run. */
import { EventEmitter, once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createCanvas } from "@napi-rs/canvas";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../base/durations.ts";
import { loadPageFiles } from "../../console/page-files.ts";
import { GAP_REASONS } from "../../schemas/coverage.ts";
import type { Chain, Chains, Detection } from "../../schemas/console/chains.ts";
import type { CameraView } from "../../schemas/console/cameras.ts";
import type { Day } from "../../schemas/console/day.ts";
import type { Overview } from "../../schemas/console/overview.ts";
import { backYard } from "../../tools/scenes/back-yard.ts";
import { frameHeight, frameWidth } from "../../tools/scenes/drawing.ts";
import { answerOfTools } from "./console-answers.ts";
import { frontDoor } from "../../tools/scenes/front-door.ts";

/** The fixture's now: a Monday evening. */
export const NOW_MS = Date.parse("2026-11-30T18:30:00Z");
const SCENES = { "front-door": frontDoor, "back-yard": backYard } as const;
type Camera = keyof typeof SCENES;
const CONFIDENCE = { PERSON: 98.6, PET: 95.2, PACKAGE: 93.4 };
export const HOSTILE = `<img src=x onerror="document.title='broken'">\u202e & "name"`;

const pictures = new Map<string, Buffer>();

/** Detections of a scene at a time in it, with the frame that they are on. */
function detectionsOf(camera: Camera, sceneMs: number, detectedAtMs: number): Detection[] {
  const scene = SCENES[camera];
  const canvas = createCanvas(frameWidth, frameHeight);
  const context = canvas.getContext("2d");
  context.drawImage(scene.background(), 0, 0);
  const objects = scene.drawFigures(context, sceneMs);
  const frame = `/api/pictures/${camera}/${sceneMs}.jpg`;
  pictures.set(frame, canvas.toBuffer("image/jpeg"));
  return objects
    .filter(({ bounds: { left, right } }) => left >= 0 && right <= frameWidth)
    .map(({ name, bounds: { left, top, right, bottom } }) => ({
      label: name,
      confidence: CONFIDENCE[name],
      box: {
        left: left / frameWidth,
        top: top / frameHeight,
        width: (right - left) / frameWidth,
        height: (bottom - top) / frameHeight,
      },
      detectedAtMs,
      frame,
    }));
}

const chainOf = (
  cameraId: string,
  startedAtMs: number,
  detections: readonly Detection[],
  more: Partial<Chain> = {},
): Chain => ({
  chainId: `${cameraId}.${startedAtMs}`,
  cameraId,
  engine: "frames",
  startedAtMs,
  endedAtMs: startedAtMs + 16 * SECOND_MS,
  sessions: 1,
  detections: [...detections],
  detectionCount: detections.length,
  persons: [],
  unknownFaces: 0,
  isReviewed: false,
  isSynthetic: false,
  ...more,
});

function sampleChains(): Chain[] {
  const doorAt = (ago: number, ...scene: number[]) =>
    scene.flatMap((ms) => detectionsOf("front-door", ms, NOW_MS - ago + ms));
  const yardAt = (ago: number, ...scene: number[]) =>
    scene.flatMap((ms) => detectionsOf("back-yard", ms, NOW_MS - ago + ms));
  const at = (ago: number): number => NOW_MS - ago;
  return [
    chainOf("front-door", at(4 * MINUTE_MS), doorAt(4 * MINUTE_MS, 8800, 11_000), {
      persons: [{ personId: "ana", name: "Ana" }],
      alert: { alertId: "alert-1", severity: "warning" },
    }),
    chainOf("back-yard", at(31 * MINUTE_MS), yardAt(31 * MINUTE_MS, 4000)),
    chainOf("front-door", at(2 * HOUR_MS), doorAt(2 * HOUR_MS, 6500), { unknownFaces: 1, isReviewed: true }),
    chainOf("garage", at(3 * HOUR_MS), [], { engine: "stream-processor" }),
    chainOf(HOSTILE, at(4 * HOUR_MS), [
      { label: HOSTILE, confidence: null, box: null, detectedAtMs: at(4 * HOUR_MS), frame: "/api/pictures/gone.jpg" },
    ]), // prettier-ignore
    chainOf("back-yard", at(26 * HOUR_MS), yardAt(26 * HOUR_MS, 5000), { isReviewed: true }),
    chainOf("front-door", at(27 * HOUR_MS), doorAt(27 * HOUR_MS, 10_500)),
  ];
}

function sampleCameras(): CameraView[] {
  const camera = (cameraId: string, more: Partial<CameraView> = {}): CameraView => ({
    cameraId,
    engine: "frames",
    labels: { PERSON: 80, PET: 50, PACKAGE: 50 },
    streamName: `doorstep-dev-${cameraId}`,
    motionFormat: "signed",
    maxDurationSeconds: 30,
    faces: false,
    tags: {},
    armed: true,
    isArmedNow: true,
    timeZone: "Europe/Berlin",
    regions: [],
    state: "completed",
    budget: { day: "2026-11-30", usedMinutes: 4.2 },
    ...more,
  });
  const frameOf = (name: Camera, sceneMs: number, atMs: number) => ({
    url: detectionsOf(name, sceneMs, atMs)[0]!.frame!,
    atMs,
  });
  return [
    camera("front-door", {
      faces: true,
      tags: { site: "north" },
      budget: { day: "2026-11-30", usedMinutes: 19, limitMinutes: 60 },
      schedule: [
        { days: ["mon", "tue", "wed", "thu", "fri"], from: "18:00", until: "24:00" },
        { days: ["tue", "wed", "thu", "fri", "sat"], from: "00:00", until: "06:00" },
        { days: ["sat", "sun"], from: "00:00", until: "24:00" },
      ],
      regions: [
        {
          polygon: [
            { x: 0.3, y: 0.45 },
            { x: 0.6, y: 0.45 },
            { x: 0.72, y: 0.98 },
            { x: 0.2, y: 0.98 },
          ],
        },
      ],
      latestFrame: frameOf("front-door", 8800, NOW_MS - 4 * MINUTE_MS),
      state: "running",
    }),
    camera("back-yard", {
      latestFrame: frameOf("back-yard", 4000, NOW_MS - 31 * MINUTE_MS),
      labels: { PET: 60 },
    }),
    camera("garage", {
      engine: "stream-processor",
      blocked: "budget",
      budget: { day: "2026-11-30", usedMinutes: 30, limitMinutes: 30 },
    }),
    camera(HOSTILE, {
      armed: false,
      isArmedNow: false,
      tags: { [HOSTILE]: HOSTILE },
      state: "failed",
      failure: "the stream has no video at the session's start",
    }),
  ];
}

/** A day with everything that a timeline can show. */
function sampleDay(): Day {
  const fromMs = Date.parse("2026-11-30T00:00:00Z");
  const at = (time: string): number => Date.parse(`2026-11-30T${time}Z`);
  const chainId = `front-door.${at("16:30:00")}`;
  const session = (from: string, until: string) => ({
    fromMs: at(from),
    untilMs: at(until),
    chainId: `front-door.${at(from)}`,
    sessionId: from,
    engine: "frames" as const,
  });
  const gap = (from: string, until: string, reason: keyof typeof GAP_REASONS) => ({
    fromMs: at(from),
    untilMs: at(until),
    reason,
    words: GAP_REASONS[reason],
  });
  const analysed = [
    session("06:58:00", "07:01:30"),
    session("08:12:00", "08:14:00"),
    session("12:40:00", "12:47:00"),
    session("16:30:00", "16:33:00"),
    session("18:26:00", "18:29:30"),
  ];
  const gaps = [
    gap("02:10:00", "02:25:00", "schedule"),
    gap("08:14:00", "08:31:00", "throttled"),
    gap("12:47:00", "13:02:00", "all-detected"),
    gap("15:02:00", "15:04:00", "no-video"),
  ];
  const found = (time: string, label: "PERSON" | "PET" | "PACKAGE", sceneMs: number) => ({
    chainId,
    ...detectionsOf("front-door", sceneMs, at(time)).find((one) => one.label === label)!,
  });
  return {
    cameraId: "front-door",
    date: "2026-11-30",
    timeZone: "UTC",
    fromMs,
    untilMs: fromMs + DAY_MS,
    nowMs: NOW_MS,
    video: {
      kind: "known",
      intervals: [
        { fromMs, untilMs: at("15:00:00") },
        { fromMs: at("15:05:00"), untilMs: NOW_MS },
      ],
    },
    motion: [...analysed, ...gaps]
      .map(({ fromMs: begin, untilMs }) => ({ fromMs: begin, untilMs }))
      .toSorted((a, b) => a.fromMs - b.fromMs),
    analysed,
    gaps,
    detections: [
      found("06:58:10", "PERSON", 6500),
      found("08:12:30", "PERSON", 7000),
      found("12:40:20", "PERSON", 8000),
      found("12:41:00", "PACKAGE", 8800),
      found("16:30:07", "PERSON", 6500),
      found("18:26:09", "PERSON", 8800),
      found("18:26:11", "PACKAGE", 8800),
    ],
    alerts: [
      { chainId, alertId: "alert-1", severity: "warning", fromMs: at("18:26:09"), untilMs: at("18:29:30") },
    ],
    isCut: false,
  };
}

const overview = (state: FixtureState): Overview => ({
  stack: "doorstep-dev",
  region: "us-east-1",
  cloud: "local",
  cameras: ["back-yard", "front-door", "garage", HOSTILE].map((cameraId) => ({
    cameraId,
    isRegistered: true,
    isSynthetic: false,
  })),
  labels: ["PACKAGE", "PERSON", "PET"],
  persons: [{ personId: "ana", name: "Ana" }],
  isLakeEmpty: state.chains.length === 0,
  isSyntheticOnly: false,
  nowMs: NOW_MS,
});

export interface FixtureState {
  chains: Chain[];
  cameras: CameraView[];
  day: Day | undefined;
  /** Every call of the API fails so. */
  problem: { readonly status: number; readonly error: string; readonly remedy: string } | undefined;
}

export interface ConsoleFixture {
  readonly url: string;
  readonly state: FixtureState;
  /** Sends an event to the connected pages. */
  emit(event: string, data: unknown): void;
  /** Resolves once so many pages are connected. */
  connectionsBecome(count: number): Promise<void>;
  /** Ends the streams of the connected pages. */
  disconnect(): void;
  /** Writes that arrived, as `METHOD path body`. */
  readonly writes: string[];
  /** Resolves with the next one. */
  readonly wrote: () => Promise<void>;
  close(): Promise<void>;
}

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self' blob:; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

/** Serves the page with canned answers on a free port. */
export async function startConsoleFixture(): Promise<ConsoleFixture> {
  const files = await loadPageFiles();
  const state: FixtureState = {
    chains: sampleChains(),
    cameras: sampleCameras(),
    day: sampleDay(),
    problem: undefined,
  };
  const connected = new Set<ServerResponse>();
  const changes = new EventEmitter();
  const writes: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url!, "http://fixture");
    const file = files.get(url.pathname);
    response.setHeader("content-security-policy", POLICY);
    if (file) return void response.setHeader("content-type", file.contentType).end(file.body);
    if (url.pathname === "/api/live" && !state.problem) {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(`event: cloud\ndata: {"state":"back"}\n\n`);
      connected.add(response);
      changes.emit("change");
      response.on("close", () => {
        connected.delete(response);
        changes.emit("change");
      });
      return;
    }
    const json = (body: unknown, status = 200): void =>
      void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    if (state.problem)
      return json({ error: state.problem.error, remedy: state.problem.remedy }, state.problem.status);
    const picture = pictures.get(url.pathname);
    if (picture) return void response.setHeader("content-type", "image/jpeg").end(picture);
    if (request.method !== "GET") {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        const answer = answerOfTools(request.method!, url, NOW_MS, HOSTILE, body);
        // An estimate changes nothing.
        if (url.pathname !== "/api/queries/estimate") {
          writes.push(`${request.method} ${decodeURIComponent(url.pathname)} ${body}`);
          changes.emit("write");
        }
        json(answer ?? {});
      });
      return;
    }
    if (url.pathname === "/api/clips")
      return json({ error: "the stream keeps no video from then", remedy: "choose a later time" }, 404);
    const answer = answerOf(url, state) ?? answerOfTools("GET", url, NOW_MS, HOSTILE);
    if (answer === undefined)
      return json({ error: "there is nothing at this address", remedy: "check it" }, 404);
    json(answer);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    state,
    writes,
    wrote: async () => void (await once(changes, "write")),
    emit: (event, data) => {
      for (const response of connected) response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    },
    connectionsBecome: async (count) => {
      while (connected.size !== count) await once(changes, "change");
    },
    disconnect: () => {
      for (const response of connected) response.end();
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function answerOf(url: URL, state: FixtureState): unknown {
  const { pathname, searchParams } = url;
  if (pathname === "/api/overview") return overview(state);
  if (pathname === "/api/cameras") return { cameras: state.cameras };
  if (/^\/api\/cameras\/[^/]+\/day$/.test(pathname)) return state.day;
  if (pathname === "/api/chains") {
    const matching = state.chains.filter(
      (chain) =>
        [null, "", chain.cameraId].includes(searchParams.get("camera")) &&
        (searchParams.get("reviewed") !== "false" || !chain.isReviewed) &&
        (!searchParams.get("label") ||
          chain.detections.some(({ label }) => label === searchParams.get("label"))),
    );
    return { chains: matching } satisfies Chains;
  }
  return undefined;
}
