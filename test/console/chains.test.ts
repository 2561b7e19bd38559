import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { HOUR_MS, MINUTE_MS } from "../../base/durations.ts";
import { chainHandlers } from "../../console/chains.ts";
import type { Chains, ChainsQuery } from "../../schemas/console/chains.ts";
import { chainsQuery } from "../../schemas/console/chains.ts";
import * as v from "valibot";
import {
  consoleWorld,
  detectionRow,
  EVIDENCE_BUCKET,
  NOW_MS,
  sessionRow,
  type ConsoleWorld,
} from "./world.ts";

const signal = new AbortController().signal;
const T = NOW_MS - 10 * MINUTE_MS;

const list = (world: ConsoleWorld, query: v.InferInput<typeof chainsQuery> = {}): Promise<Chains> =>
  chainHandlers(world.cloud).listChains({ query: v.parse(chainsQuery, query) as ChainsQuery }, { signal });

const idsOf = ({ chains }: Chains): string[] => chains.map(({ chainId }) => chainId);

/** A chain of one session with a detection. */
function addChain(
  world: ConsoleWorld,
  startedAtMs: number,
  cameraId = "front-door",
  label = "PERSON",
): string {
  const session_id = `session-${cameraId}-${startedAtMs}`;
  const row = { session_id, camera_id: cameraId, session_started_at_ms: startedAtMs };
  world.lake.add(
    "detection_records",
    startedAtMs + 2000,
    detectionRow(startedAtMs + 2000, { ...row, label }),
  );
  world.lake.add("session_records", startedAtMs, sessionRow(startedAtMs, startedAtMs + 20_000, row));
  return `${cameraId}.${startedAtMs}`;
}

describe("a chain", () => {
  test("shows its detections, their pictures and its end", async () => {
    const world = consoleWorld();
    world.lake.add("detection_records", T, detectionRow(T, { session_started_at_ms: T - 4000 }));
    world.lake.add("session_records", T - 4000, sessionRow(T - 4000, T + 16_000));
    const { chains, next } = await list(world);
    const id = (chains[0]!.detections[0]!.frame ?? "").replace(/\D/g, "");
    expect(chains).toEqual([
      {
        chainId: `front-door.${T - 4000}`,
        cameraId: "front-door",
        engine: "frames",
        startedAtMs: T - 4000,
        endedAtMs: T + 16_000,
        sessions: 1,
        detections: [
          {
            label: "PERSON",
            confidence: 90,
            box: { left: 0.1, top: 0.2, width: 0.3, height: 0.4 },
            detectedAtMs: T,
            frame: `/api/pictures/front-door/${id}.jpg`,
          },
        ],
        detectionCount: 1,
        persons: [],
        unknownFaces: 0,
        isReviewed: false,
        isSynthetic: false,
      },
    ]);
    expect(next).toBeUndefined();
  });

  test("joins the sessions that the ledger puts into it, also across hours", async () => {
    const world = consoleWorld();
    const start = Math.floor(NOW_MS / HOUR_MS) * HOUR_MS - 60_000;
    for (let at = 0; at < 4; at++) {
      const from = start + at * 30_000;
      const row = { session_id: `s${at}`, session_started_at_ms: from, chain_started_at_ms: start + 700 };
      world.lake.add("session_records", from, sessionRow(from, from + 30_000, row));
      world.lake.add(
        "detection_records",
        from + 1000,
        detectionRow(from + 1000, { ...row, label: `L${at}` }),
      );
    }
    const { chains } = await list(world);
    expect(chains.map(({ chainId, sessions, detectionCount, endedAtMs }) => [chainId, sessions, detectionCount, endedAtMs])).toEqual([
      [`front-door.${start}`, 4, 4, start + 120_000],
    ]); // prettier-ignore
  });

  test("has the session that goes on where it ended, before the ledger says so", async () => {
    const world = consoleWorld();
    world.lake.add("session_records", T, sessionRow(T, T + 30_000, { session_id: "s1" }));
    world.lake.add(
      "detection_records",
      T,
      detectionRow(T + 1000, { session_id: "s1", session_started_at_ms: T }),
    );
    world.lake.add(
      "detection_records",
      T,
      detectionRow(T + 31_000, { session_id: "s2", session_started_at_ms: T + 30_000, label: "PET" }),
    );
    const { chains } = await list(world);
    expect(chains.map(({ chainId, detections }) => [chainId, detections.map(({ label }) => label)])).toEqual([
      [`front-door.${T}`, ["PERSON", "PET"]],
    ]);
  });

  test("is its session's while the ledger does not say more", async () => {
    const world = consoleWorld();
    world.lake.add("detection_records", T, detectionRow(T, { session_started_at_ms: T - 3000 }));
    const { chains } = await list(world);
    expect(idsOf({ chains })).toEqual([`front-door.${T - 3000}`]);
    expect(chains[0]).not.toHaveProperty("endedAtMs");
  });

  test("shows each label once, however often its notification was delivered", async () => {
    const world = consoleWorld();
    const more = {
      label_id: "label-2", label: "PET", confidence: 80, detected_at_ms: T, fragment_number: "7",
      box_left: 0, box_top: 0, box_width: 1, box_height: 1, frame_image_uri: "s3://x/y", cropped_image_uri: null,
    }; // prettier-ignore
    const row = detectionRow(T, { more_labels: [more] });
    world.lake.add("detection_records", T, row, { ...row, received_at_ms: T + 9000 });
    world.lake.add("detection_records", T, { ...row, received_at_ms: T + 8000 });
    const { chains } = await list(world);
    expect(chains[0]!.detections.map(({ label }) => label)).toEqual(["PERSON", "PET"]);
  });

  test("shows no picture of another bucket or folder, and no box without an area", async () => {
    const world = consoleWorld();
    const uris = [
      "s3://other/evidence/a.jpg",
      `s3://${EVIDENCE_BUCKET}/private/a.jpg`,
      `s3://${EVIDENCE_BUCKET}/evidence/../private/a.jpg`,
      `s3://${EVIDENCE_BUCKET}/evidence//a.jpg`,
      "https://evil.example/a.jpg",
      "",
    ];
    for (const [at, frame_image_uri] of uris.entries())
      world.lake.add(
        "detection_records",
        T,
        detectionRow(T + at, { frame_image_uri, box_width: 0, session_id: "s" }),
      );
    const { chains } = await list(world);
    const shown = chains.flatMap(({ detections }) => detections);
    expect(shown.map(({ frame, box }) => [frame, box])).toEqual(uris.map(() => [undefined, null]));
  });

  test("encodes a picture's key, so that it stays one part of the address", async () => {
    const world = consoleWorld();
    const frame_image_uri = `s3://${EVIDENCE_BUCKET}/evidence/a b/?x=<1>#2%.jpg`;
    world.lake.add("detection_records", T, detectionRow(T, { frame_image_uri }));
    const { chains } = await list(world);
    expect(chains[0]!.detections[0]!.frame).toBe("/api/pictures/a%20b/%3Fx%3D%3C1%3E%232%25.jpg");
  });

  test("has the alert of its latest revision", async () => {
    const world = consoleWorld();
    const id = addChain(world, T);
    const decision = (revision: number, severity: string) => ({
      event_id: `e${revision}`, label_id: "label-1", session_id: `session-front-door-${T}`, camera_id: "front-door",
      detected_at_ms: T, decided_at_ms: T + revision, decision: "merged", alert_id: "a1", severity, revision, received_at_ms: T,
    }); // prettier-ignore
    world.lake.add("alert_records", T, decision(2, "critical"), decision(1, "info"));
    const { chains } = await list(world);
    expect(chains.map(({ chainId, alert }) => [chainId, alert])).toEqual([
      [id, { alertId: "a1", severity: "critical" }],
    ]);
  });

  test("names the persons who are enrolled, follows merges, and leaves out who is forgotten", async () => {
    const world = consoleWorld();
    addChain(world, T);
    world.persons = {
      enrolled: [],
      ownerOf: (id) => (id === "merged" ? "ada" : id === "forgotten" ? undefined : id),
      nameOf: (id) => (id === "ada" ? "Ada <b>" : undefined),
    };
    const face = (face_no: number, person_id: string | null, changes = {}) => ({
      session_id: null, camera_id: "front-door", stream_arn: "arn", engine: "frames", seen_at_ms: T + 3000, face_no,
      unsearched_reason: null, person_id, received_at_ms: T, ...changes,
    }); // prettier-ignore
    world.lake.add(
      "face_records", T, face(1, "ada"), face(2, "merged"), face(3, "forgotten"), face(4, "synthetic"),
      face(5, null), face(6, null), face(7, null, { seen_at_ms: T + 4000 }), face(8, null, { unsearched_reason: "LOW_SHARPNESS" }),
    ); // prettier-ignore
    const { chains } = await list(world);
    expect(chains[0]!.persons).toEqual([{ personId: "ada", name: "Ada <b>" }, { personId: "synthetic" }]);
    expect(chains[0]!.unknownFaces).toBe(2);
  });
});

describe("the list of chains", () => {
  test("leaves out motion in which nothing was detected", async () => {
    const world = consoleWorld();
    world.lake.add("session_records", T, sessionRow(T, T + 10_000));
    expect(await list(world)).toEqual({ chains: [] });
  });

  test("is empty for an empty lake", async () => {
    expect(await list(consoleWorld())).toEqual({ chains: [] });
  });

  test("shows synthetic cameras only on request, unless one is named", async () => {
    const world = consoleWorld();
    const real = addChain(world, T);
    const synthetic = addChain(world, T + 1, "generated-0001");
    expect(idsOf(await list(world))).toEqual([real]);
    expect(idsOf(await list(world, { synthetic: "true" }))).toEqual([synthetic]);
    expect(idsOf(await list(world, { camera: "generated-0001" }))).toEqual([synthetic]);
  });

  test("is filtered by camera, label, time and review", async () => {
    const world = consoleWorld();
    const a = addChain(world, T, "front-door", "PERSON");
    const b = addChain(world, T - HOUR_MS, "back-yard", "PET");
    world.reviewed.add(b);
    expect(idsOf(await list(world, { camera: "back-yard" }))).toEqual([b]);
    expect(idsOf(await list(world, { label: "person" }))).toEqual([a]);
    expect(idsOf(await list(world, { reviewed: "true" }))).toEqual([b]);
    expect(idsOf(await list(world, { reviewed: "false" }))).toEqual([a]);
    expect(idsOf(await list(world, { until: String(T) }))).toEqual([b]);
    expect(idsOf(await list(world, { from: String(T) }))).toEqual([a]);
  });

  test("reads the latest hours alone when they fill a page", async () => {
    const world = consoleWorld();
    for (let hour = 0; hour < 100; hour++) addChain(world, T - hour * HOUR_MS);
    await list(world, { limit: "2" });
    expect(new Set(world.lake.filesRead.map((key) => /dt=.*hour=\d\d/.exec(key)![0])).size).toBeLessThan(12);
  });

  test("reads a file once for requests at the same time", async () => {
    const world = consoleWorld();
    const chain = addChain(world, T);
    const pages = await Promise.all([list(world), list(world)]);
    expect(pages.map(idsOf)).toEqual([[chain], [chain]]);
    expect(world.lake.filesRead).toHaveLength(2);
  });

  test("stops a long search, and says how far it got and where it continues", async () => {
    const world = consoleWorld();
    for (let hour = 0; hour < 2000; hour++) addChain(world, T - hour * HOUR_MS);
    const wanted = addChain(world, T - 1900 * HOUR_MS + 60_000, "back-yard");
    const first = await list(world, { camera: "back-yard" });
    expect(first.chains).toEqual([]);
    expect(first.searchedToMs).toBeLessThan(T - 1400 * HOUR_MS);
    const second = await list(world, { camera: "back-yard", before: first.next! });
    expect(idsOf(second)).toEqual([wanted]);
  });

  test("has every chain exactly once over its pages, the latest first, whatever the sessions are", async () => {
    const session = fc.record({
      camera: fc.constantFrom("a", "b"),
      atMinute: fc.nat(6 * 60),
      sessions: fc.integer({ min: 1, max: 5 }),
      hasLedger: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(session, { selector: ({ camera, atMinute }) => `${camera}${Math.floor(atMinute / 5)}`, maxLength: 20 }), fc.integer({ min: 1, max: 4 }), async (chains, limit) => {
        const world = consoleWorld();
        const expected: { id: string; at: number; camera: string }[] = [];
        for (const { camera, atMinute, sessions, hasLedger } of chains) {
          const start = NOW_MS - 7 * HOUR_MS + Math.floor(atMinute / 5) * 5 * MINUTE_MS;
          expected.push({ id: `${camera}.${start}`, at: start, camera });
          for (let at = 0; at < (hasLedger ? sessions : 1); at++) {
            const from = start + at * 30_000;
            const row = { session_id: `${camera}-${from}`, camera_id: camera, session_started_at_ms: from, chain_started_at_ms: start };
            if (hasLedger) world.lake.add("session_records", from, sessionRow(from, from + 30_000, row));
            world.lake.add("detection_records", from + 9000, detectionRow(from + 9000, row));
          }
        }
        const found: string[] = [];
        let before: string | undefined;
        do {
          const page = await list(world, { limit: String(limit), ...(before !== undefined && { before }) });
          expect(page.chains.length).toBeLessThanOrEqual(limit);
          for (const { chainId, detectionCount } of page.chains) {
            found.push(chainId);
            const one = chains[expected.findIndex(({ id }) => id === chainId)]!;
            expect(detectionCount).toBe(one.hasLedger ? one.sessions : 1);
          }
          before = page.next;
        } while (before !== undefined);
        const inOrder = expected.toSorted((x, y) => y.at - x.at || (x.camera > y.camera ? -1 : 1));
        expect(found).toEqual(inOrder.map(({ id }) => id));
      }),
      { numRuns: 60 },
    );
  }); // prettier-ignore
});

test("a chain is marked as reviewed and as not reviewed", async () => {
  const world = consoleWorld();
  const id = addChain(world, T);
  const { reviewChain } = chainHandlers(world.cloud);
  const input = { parameters: { chainId: id } };
  expect(await reviewChain({ ...input, body: { reviewed: true } }, { signal })).toEqual({
    chainId: id,
    isReviewed: true,
  });
  expect((await list(world)).chains[0]!.isReviewed).toBe(true);
  await reviewChain({ ...input, body: { reviewed: false } }, { signal });
  expect((await list(world)).chains[0]!.isReviewed).toBe(false);
});
