import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { openDocuments } from "../../local/documents.ts";

describe("documents", () => {
  test("survive a restart, each collection by itself, and are listed by key", () => {
    const folder = mkdtempSync(join(tmpdir(), "doorstep-documents-"));
    const first = openDocuments(join(folder, "created", "if", "missing"));
    const numbers = first.collection<{ n: number }>("numbers");
    numbers.put("b", { n: 2 });
    numbers.put("a", { n: 1 });
    numbers.put("b", { n: 3 });
    first.collection("others").put("a", "other");
    first.close();

    const again = openDocuments(join(folder, "created", "if", "missing")).collection<{ n: number }>(
      "numbers",
    );
    expect(again.list()).toEqual([{ n: 1 }, { n: 3 }]);
    expect(again.count()).toBe(2);
    expect(again.get("b")).toEqual({ n: 3 });
    expect(again.get("c")).toBeUndefined();
    expect([again.delete("a"), again.delete("a")]).toEqual([true, false]);
    expect(again.list()).toEqual([{ n: 3 }]);
    rmSync(folder, { recursive: true });
  });

  test("are readable for their owner alone, with all that SQLite writes beside them", () => {
    const folder = mkdtempSync(join(tmpdir(), "doorstep-documents-"));
    const documents = openDocuments(folder);
    documents.collection("secrets").put("master", "secret");
    const modes = readdirSync(folder).map((name) => [
      name,
      (statSync(join(folder, name)).mode & 0o777).toString(8),
    ]);
    expect(Object.fromEntries(modes)).toEqual({
      "state.sqlite": "600",
      "state.sqlite-shm": "600",
      "state.sqlite-wal": "600",
    });
    documents.close();
    rmSync(folder, { recursive: true });
  });

  test("that are written as one are all there or none, also after a kill in the middle", () => {
    const folder = mkdtempSync(join(tmpdir(), "doorstep-documents-"));
    const documents = openDocuments(folder);
    const letters = documents.collection<number>("letters");
    expect(
      documents.atomically(() => {
        letters.put("a", 1);
        letters.put("b", 2);
        return "written";
      }),
    ).toBe("written");
    let seenByAnother: number[] = [];
    expect(() =>
      documents.atomically(() => {
        letters.put("c", 3);
        letters.delete("a");
        // What a process would find that starts after this one was killed here.
        const another = openDocuments(folder);
        seenByAnother = another.collection<number>("letters").list();
        another.close();
        throw new Error("no");
      }),
    ).toThrow("no");
    expect([seenByAnother, letters.list()]).toEqual([
      [1, 2],
      [1, 2],
    ]);
    documents.close();
    rmSync(folder, { recursive: true });
  });

  test("are read as copies: changing one does not change the stored one", () => {
    const lists = openDocuments(":memory:").collection<number[]>("lists");
    lists.put("a", [1]);
    lists.get("a")!.push(2);
    expect(lists.get("a")).toEqual([1]);
  });
});
