import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, jest, test } from "@jest/globals";
import { TurnableClock } from "../../base/clock.ts";
import { openDocuments } from "../../local/documents.ts";
import { Events } from "../../local/events.ts";

describe("documents", () => {
  test("outlive a restart, each collection for itself, and are listed by key", () => {
    const folder = mkdtempSync(join(tmpdir(), "doorstep-documents-"));
    const first = openDocuments(join(folder, "made", "when", "missing"));
    const numbers = first.collection<{ n: number }>("numbers");
    numbers.put("b", { n: 2 });
    numbers.put("a", { n: 1 });
    numbers.put("b", { n: 3 });
    first.collection("others").put("a", "other");
    first.close();

    const again = openDocuments(join(folder, "made", "when", "missing")).collection<{ n: number }>("numbers");
    expect(again.list()).toEqual([{ n: 1 }, { n: 3 }]);
    expect(again.get("b")).toEqual({ n: 3 });
    expect(again.get("c")).toBeUndefined();
    expect([again.delete("a"), again.delete("a")]).toEqual([true, false]);
    expect(again.list()).toEqual([{ n: 3 }]);
    rmSync(folder, { recursive: true });
  });

  test("are read as copies: changing one changes nothing that is kept", () => {
    const lists = openDocuments(":memory:").collection<number[]>("lists");
    lists.put("a", [1]);
    lists.get("a")!.push(2);
    expect(lists.get("a")).toEqual([1]);
  });
});

describe("waiting for an event", () => {
  const isDone = ({ name }: { name: string }) => name === "done";

  test("finds one that was told before", async () => {
    const events = new Events(new TurnableClock());
    events.emit("test", "done", { n: 1 });
    expect(await events.waitFor(isDone)).toMatchObject({ service: "test", name: "done", detail: { n: 1 } });
  });

  test("ends with the first that is told later, and leaves no timer", async () => {
    jest.useFakeTimers();
    const events = new Events(new TurnableClock());
    const waited = events.waitFor(isDone);
    events.emit("test", "other");
    events.emit("test", "done", { n: 1 });
    events.emit("test", "done", { n: 2 });
    expect((await waited).detail).toEqual({ n: 1 });
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });

  test("ends after its time with what was told last", async () => {
    const events = new Events(new TurnableClock());
    events.emit("test", "other");
    await expect(events.waitFor(isDone, 1)).rejects.toThrow(
      "no matching event within 1 ms; the last ones: test/other",
    );
  });
});
