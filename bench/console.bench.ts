/**
 * The console over a week of ten cameras, some ten thousand synthetic motions in the lake of the local cloud: how long each
 * answer of its read API takes, at first and again, beside Athena's query for the same page; the size of the page's script; and,
 * with a browser, how long the page takes to its first paint and to its first card.
 *
 *     npm run bench -- console [-- --browser=/usr/bin/chromium]
 */
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { AthenaClient } from "@aws-sdk/client-athena";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { sleep, systemClock } from "../base/clock.ts";
import { DAY_MS, HOUR_MS } from "../base/durations.ts";
import { writeHours } from "../cli/generate/lake-files.ts";
import { loadPageFiles } from "../console/page-files.ts";
import { openConsole } from "../console/server.ts";
import { runQuery, type QueryResult } from "../operator/athena.ts";
import { Fleet } from "../operator/fleet.ts";
import type { Chains } from "../schemas/console/chains.ts";
import { Browser } from "../test/browser/browser.ts";
import { ConsoleClient } from "../test/console/client.ts";
import type { TestStack } from "../test/local/stack.ts";
import { median, rounded } from "./figures.ts";
import { onStack } from "./on-stack.ts";
import { figure, report } from "./result.ts";

const LIMITS = { answerMs: 200, scriptKb: 60, firstPaintMs: 1000 } as const;
const ROUNDS = 15;
const CAMERAS = 10;
const DAYS = 7;
const WARM_UP_MS = 8000;

const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, browser: { type: "string" } },
});
/** The motions of a page, as `<camera> <start>`. */
const chainsOf = (text: string): string[] =>
  (JSON.parse(text) as Chains).chains.map(({ cameraId, startedAtMs }) => `${cameraId} ${startedAtMs}`);

const camera = "generated-1-driveway-007";
const PATHS = {
  overview: "/api/overview",
  "first page": "/api/chains?synthetic=true",
  "a label that is rare": "/api/chains?synthetic=true&label=PACKAGE&limit=100",
  "one camera": `/api/chains?camera=${camera}`,
  "nothing matches": "/api/chains?synthetic=true&label=NOTHING",
  "not reviewed": "/api/chains?synthetic=true&reviewed=false",
  "reviewed (none are)": "/api/chains?synthetic=true&reviewed=true",
  cameras: "/api/cameras",
  day: `/api/cameras/${camera}/day`,
  "day of a registered camera": "/api/cameras/front-door/day",
  "saved queries": "/api/queries",
} as const;

const untilMs = Math.floor(systemClock.now() / HOUR_MS) * HOUR_MS;
const fromMs = untilMs - DAYS * DAY_MS;
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

await onStack(async (stack) => {
  await writeLake(stack);
  const { config, journey, clock } = stack;
  const { outputs } = journey;
  const fleet = await Fleet.open("doorstep-dev", config, clock);
  await fleet.add({ cameraId: "front-door", engine: "frames" });
  const athena = new AthenaClient(config);
  const query = async (sql: string) =>
    await runQuery(
      sql,
      { client: athena, workGroup: outputs.WorkGroupName, database: outputs.DatabaseName },
      { clock },
    );
  const opened = await openConsole({ config, stack: "doorstep-dev", isLocal: true, port: 0, clock });
  try {
    await measure(opened.url, query);
  } finally {
    await opened.close();
    athena.destroy();
  }
});

/** The synthetic motions. */
async function writeLake({ config, journey: { outputs } }: TestStack): Promise<void> {
  const s3 = new S3Client({ ...config, forcePathStyle: true });
  const options = {
    cameras: CAMERAS,
    fromMs,
    untilMs,
    seed: 1,
    detectionsPerDay: 110,
    streamPrefix: outputs.CameraPrefix,
    evidenceBucket: outputs.EvidenceBucketName,
  };
  await writeHours(options, { first: fromMs / HOUR_MS, end: untilMs / HOUR_MS }, async (Key, Body) => {
    await s3.send(new PutObjectCommand({ Bucket: outputs.LakeBucketName, Key, Body }));
  });
  s3.destroy();
}

async function measure(url: string, query: (sql: string) => Promise<QueryResult>): Promise<void> {
  const { rows } = await query(
    `SELECT count(DISTINCT camera_id || CAST(chain_started_at_ms AS varchar)) FROM sessions WHERE dt >= '${dayOf(fromMs)}'`,
  );
  const client = new ConsoleClient(url);
  const coldPageMs = await timed(() => client.get(PATHS["first page"]));
  // The server reads ahead meanwhile.
  await sleep(systemClock, WARM_UP_MS);

  const answers: Record<string, { firstMs: number; againMs: number; bytes: number }> = {};
  for (const [name, path] of Object.entries(PATHS)) {
    let bytes = 0;
    const get = async (): Promise<void> => {
      const { status, text } = await client.get(path);
      if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
      bytes = text.length;
    };
    const firstMs = await timed(get);
    const again: number[] = [];
    for (let round = 0; round < ROUNDS; round++) again.push(await timed(get));
    answers[name] = { firstMs: rounded(firstMs, 0), againMs: rounded(median(again), 0), bytes };
  }
  const shown = chainsOf((await client.get(PATHS["first page"])).text);
  const rival: number[] = [];
  let found: readonly string[] = [];
  const dt = dayOf(untilMs - HOUR_MS);
  for (let round = 0; round < 5; round++)
    rival.push(
      await timed(async () => {
        const answer =
          await query(`SELECT s.camera_id, s.chain_started_at_ms, max(s.session_ended_at_ms), count(*)
FROM sessions s JOIN detections d ON d.session_id = s.session_id
WHERE s.dt >= '${dt}' AND d.dt >= '${dt}'
GROUP BY 1, 2 ORDER BY 2 DESC, 1 LIMIT ${shown.length}`);
        found = answer.rows.map(([cameraId, startedAtMs]) => `${cameraId} ${startedAtMs}`);
      }),
    );
  const script = (await loadPageFiles()).get("/assets/page.js")!.body;
  const painted = values.browser === undefined ? undefined : await paint(values.browser, url, client.port);
  const chains = Number(rows[0]![0]);
  const athenaMs = median(rival);
  const slowestMs = Math.max(...Object.values(answers).map(({ firstMs }) => firstMs));
  report("console", {
    figures: [
      figure("motions", chains, ""),
      figure("first page, before the server has read ahead", rounded(coldPageMs, 0), "ms"),
      ...Object.entries(answers).flatMap(([name, { firstMs, againMs, bytes }]) => [
        figure(`${name}, at first`, firstMs, "ms"),
        figure(`${name}, again`, againMs, `ms (${bytes} characters)`),
      ]),
      figure("slowest answer", slowestMs, "ms", { atMost: LIMITS.answerMs }),
      figure("Athena's query for the first page", rounded(athenaMs, 0), "ms"),
      figure("the page's script, compressed", rounded(gzipSync(script).length / 1000, 1), "KB", {
        atMost: LIMITS.scriptKb,
      }),
      ...(painted
        ? [
            figure("first paint", painted.firstPaintMs, "ms", { atMost: LIMITS.firstPaintMs }),
            figure("first card", painted.firstCardMs, "ms"),
          ]
        : []),
    ],
    rival: {
      name: "Athena's query for the first page",
      ratio: rounded(athenaMs / answers["first page"]!.firstMs),
      ratioOf: "its time / the console's, which has read ahead",
    },
    sameWork: `both show the same ${shown.length} motions with detections`,
    failures:
      shown.toSorted().join() === found.toSorted().join()
        ? []
        : ["the page and Athena show different motions"],
  });
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await run();
  return performance.now() - startedAt;
}

/** From the navigation to the first paint with content, and to the first card. */
async function paint(
  program: string,
  url: string,
  port: number,
): Promise<{ firstPaintMs: number; firstCardMs: number }> {
  const browser = await Browser.start(program);
  try {
    await browser.open(`${url}&synthetic=true`);
    await browser.until<number>("document.querySelectorAll('article').length", (count) => count > 0);
    await browser.open(`http://127.0.0.1:${port}/activity?synthetic=true`);
    const firstPaintMs = await browser.until<number>(
      "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0",
      (ms) => ms > 0,
    );
    const firstCardMs = await browser.until<number>(
      "document.querySelector('article') ? performance.now() : 0",
      (ms) => ms > 0,
    );
    return { firstPaintMs: rounded(firstPaintMs, 0), firstCardMs: rounded(firstCardMs, 0) };
  } finally {
    await browser.stop();
  }
}
