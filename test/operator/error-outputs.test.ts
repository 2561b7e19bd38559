import { describe, expect, test } from "@jest/globals";
import { TurnableClock } from "../../base/clock.ts";
import type { TextObjects } from "../../operator/objects.ts";
import { originalsIn, redriveErrors } from "../../operator/redrive/error-outputs.ts";
import { originalsOfRows } from "../../operator/redrive/face-rows.ts";
import { readNotification, type NotificationReader } from "../../operator/redrive/quarantined.ts";
import type { LakeTable } from "../../schemas/tables/lake-tables.ts";
import { rawBackup } from "../../operator/redrive/raw-backup.ts";
import { Tally } from "../../operator/redrive/tally.ts";
import { example, exampleText } from "../support/notifications.ts";
import { faces, normalise } from "../support/normalise.ts";
import { UNREADABLE_FORMS } from "../support/unreadable-forms.ts";

const KEY = "errors/detection_records/processing-failed/dt=2026-11-21/one";
const clock = new TurnableClock();

const errorLine = (data: string | Buffer, errorCode = "Lambda.ProcessingFailedStatus") =>
  `${JSON.stringify({ errorCode, arrivalTimestamp: clock.now(), rawData: Buffer.from(data).toString("base64") })}\n`;

/** A bucket with these objects. */
function bucket(stored: Map<string, string>): TextObjects {
  return {
    list: async (prefix) =>
      [...stored.keys()]
        .filter((key) => key.startsWith(prefix))
        .toSorted()
        .map((key) => ({ key, modifiedAtMs: 0 })),
    read: async (key) => stored.get(key)!,
    write: async (key, text) => void stored.set(key, text),
    delete: async (key) => void stored.delete(key),
  };
}

/** An error output whose deliveries are kept by table. */
function errorOutput(
  output: Pick<Parameters<typeof redriveErrors>[0], "table" | "originals"> = {
    table: "detection_records",
    originals: () => new Map(),
  },
) {
  const stored = new Map<string, string>();
  const delivered: Record<LakeTable, string[]> = {
    detection_records: [],
    session_records: [],
    alert_records: [],
    face_records: [],
  };
  const deliverTo = (table: LakeTable) => async (records: readonly Buffer[]) => {
    delivered[table].push(...records.map((data) => data.toString("latin1")));
    return records.map(() => undefined);
  };
  const run = async (read: NotificationReader, again = false) => {
    const tally = new Tally();
    await redriveErrors({
      objects: bucket(stored),
      ...output,
      read,
      deliver: {
        detection_records: deliverTo("detection_records"),
        session_records: deliverTo("session_records"),
        alert_records: deliverTo("alert_records"),
        face_records: deliverTo("face_records"),
      },
      clock,
    })(tally, { again, dryRun: false, signal: new AbortController().signal, progress: () => undefined });
    return { redriven: tally.redriven, left: tally.left };
  };
  return { stored, delivered, run };
}

describe("a record that the transform could not read", () => {
  test.each(UNREADABLE_FORMS)(
    "goes back byte for byte once there is a reader for %s, and stays with the reason until then",
    async (_form, text, reason) => {
      const { stored, delivered, run } = errorOutput();
      const bytes = Buffer.from(text).toString("latin1");
      stored.set(KEY, errorLine(text));
      expect(await run(readNotification)).toEqual({ redriven: 1, left: [] });
      // The transform cannot read it either: it fails again.
      stored.set(`${KEY}-again`, errorLine(text));
      const left = { what: `${KEY}-again`, reason: expect.stringMatching(/^it failed again.*puts it back/) };
      const stays = await run(readNotification);
      expect(stays).toEqual({ redriven: 0, left: [left] });
      expect(stays.left[0]!.reason).toContain(`(${reason})`);

      const learned: NotificationReader = (data, failedIn, atMs) =>
        data.toString() === text ? { ok: true, table: failedIn } : readNotification(data, failedIn, atMs);
      expect(await run(learned)).toEqual({ redriven: 1, left: [] });
      expect(delivered).toMatchObject({ detection_records: [bytes, bytes], session_records: [] });
      expect([...stored.keys()].filter((key) => !key.startsWith("errors/redriven/"))).toEqual([]);
    },
  );

  test("goes to the sessions when it is read as a completion notification", async () => {
    const { stored, delivered, run } = errorOutput();
    const end = exampleText("stream-processing-complete.json");
    const detection = exampleText("label-detected.json");
    stored.set(KEY, errorLine(end) + errorLine(detection));
    expect(await run(readNotification)).toEqual({ redriven: 2, left: [] });
    expect(delivered).toMatchObject({ detection_records: [detection], session_records: [end] });
  });

  test("goes to the detections when it is a ledger entry: the topic has none", async () => {
    const { stored, delivered, run } = errorOutput();
    const entry = JSON.stringify({
      type: "COVERAGE",
      eventId: "e",
      cameraId: "hall",
      outcome: "gap",
      reason: "no-video",
      fromMs: clock.now() - 1000,
      untilMs: clock.now(),
    });
    stored.set(KEY, errorLine(entry));
    await run(readNotification);
    expect(delivered).toMatchObject({ detection_records: [entry], session_records: [] });
  });

  test("goes back byte for byte when it is not text", async () => {
    const { stored, delivered, run } = errorOutput();
    const bytes = Buffer.from([0xff, 0xfe, 0x00, 0x7b]);
    stored.set(KEY, errorLine(bytes));
    await run(readNotification);
    expect(delivered.detection_records).toEqual([bytes.toString("latin1")]);
  });
});

test("a decision that was not converted comes back from raw by its event and label", async () => {
  const stored = new Map<string, string>();
  const decisionOf = (labelId: string) =>
    JSON.stringify({ type: "ALERT_DECISION", eventId: "e", labelId, decision: "suppressed" });
  const rowOf = (labelId: string) =>
    JSON.stringify({ event_id: "e", label_id: labelId, decision: "suppressed" });
  const now = new Date(clock.now()).toISOString();
  const name = `${now.slice(0, 10)}-${now.slice(11, 19).replaceAll(":", "-")}-0b7d9a52-3f0e-4f4e-9d35-8f9a2f3c6d10`;
  stored.set(
    `raw/alerts/dt=${now.slice(0, 10)}/doorstep-alerts-1-${name}`,
    ["1", "2", "3"].map(decisionOf).join(""),
  );
  stored.set(
    "errors/alert_records/format-conversion-failed/one",
    errorLine(rowOf("1"), "DataFormatConversion.MalformedData") +
      errorLine(rowOf("2"), "DataFormatConversion.MalformedData"),
  );
  const delivered: string[] = [];
  const none = async (records: readonly Buffer[]) => records.map(() => "not to this stream");
  const tally = new Tally();
  await redriveErrors({
    objects: bucket(stored),
    table: "alert_records",
    originals: originalsIn(rawBackup(bucket(stored), "raw/alerts/")),
    read: readNotification,
    deliver: {
      detection_records: none,
      session_records: none,
      face_records: none,
      alert_records: async (records) => {
        delivered.push(...records.map(String));
        return records.map(() => undefined);
      },
    },
    clock,
  })(tally, {
    again: false,
    dryRun: false,
    signal: new AbortController().signal,
    progress: () => undefined,
  });
  expect({ redriven: tally.redriven, left: tally.left, delivered }).toEqual({
    redriven: 2,
    left: [],
    delivered: ["1", "2"].map(decisionOf),
  });
});

test("a face that was not converted comes back from its row, and stays when that fails again", async () => {
  const normalised = normalise("face.json", () => {}, faces);
  if (!normalised.ok) throw new Error(normalised.reason);
  const line = errorLine(JSON.stringify(normalised.row), "DataFormatConversion.MalformedData");
  const { stored, delivered, run } = errorOutput({ table: "face_records", originals: originalsOfRows });
  stored.set("errors/face_records/format-conversion-failed/one", line);
  expect(await run(readNotification)).toEqual({ redriven: 1, left: [] });
  expect(delivered.face_records.map((text) => JSON.parse(text))).toEqual([example("face.json")]);
  stored.set("errors/face_records/format-conversion-failed/two", line);
  expect(await run(readNotification)).toMatchObject({ redriven: 0, left: [{}] });
});

test("a record that failed with its whole batch stays after the second failure, whatever it holds", async () => {
  const { stored, run } = errorOutput();
  const line = errorLine(exampleText("label-detected.json"), "Lambda.InvokeAccessDenied");
  stored.set(KEY, line);
  expect((await run(readNotification)).redriven).toBe(1);
  stored.set(`${KEY}-again`, line);
  expect(await run(readNotification)).toEqual({
    redriven: 0,
    left: [
      {
        what: `${KEY}-again`,
        reason: "it failed again for the same reason after a redrive; --again puts it back",
      },
    ],
  });
  expect((await run(readNotification, true)).redriven).toBe(1);
});
