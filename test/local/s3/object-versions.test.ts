import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { storeWholeObjects, type ObjectStorage, type S3Store } from "../../../local/s3/object-files.ts";
import { idOf, ObjectVersions } from "../../../local/s3/object-versions.ts";
import { VersionFiles, type VersioningStatus } from "../../../local/s3/version-files.ts";

const part = async <T>(file: string, name: string): Promise<T> => {
  const url = new URL(file, import.meta.resolve("fauxqs"));
  return ((await import(url.href)) as Record<string, T>)[name]!;
};
const Store = await part<new () => S3Store>("s3/s3Store.js", "S3Store");
type Storage = ObjectStorage & { loadS3(store: S3Store): void };
const Files = await part<new (folder: string) => Storage>("s3/fileS3Persistence.js", "FileS3Persistence");

const BUCKET = "photos";

class Killed extends Error {}

/** Calls that pass before a kill; all later ones fail, as those of a dead process do. */
interface Kill {
  callsLeft: number;
}

/** The methods of an object, until the kill. */
function killable<T extends object>(target: T, names: readonly (keyof T)[], kill: Kill): T {
  for (const name of names) {
    const method = (target[name] as (...args: unknown[]) => unknown).bind(target);
    target[name] = ((...args: unknown[]) => {
      if (kill.callsLeft-- <= 0) throw new Killed();
      return method(...args);
    }) as T[keyof T];
  }
  return target;
}

/** Starts on a folder, as the local cloud does. */
function start(folder: string, kill: Kill = { callsLeft: Infinity }) {
  const store = new Store();
  const objects = new Files(folder);
  const aside: unknown[] = [];
  const setAside = (broken: unknown): void => void aside.push(broken);
  storeWholeObjects(objects, folder, setAside);
  const files = new VersionFiles(folder);
  const versions = new ObjectVersions(
    store,
    killable(objects, ["upsertObject", "deleteObject"], kill),
    killable(files, ["keep", "write", "remove"], kill),
    setAside,
  );
  objects.loadS3(store);
  expect(aside).toEqual([]);
  Object.assign(store, { persistence: objects });
  if (!store.hasBucket(BUCKET)) store.createBucket(BUCKET);
  return { store, versions };
}
type Running = ReturnType<typeof start>;

/** What there is of a key, newest first: the body of a version, or `deleted`, with `null` for the null version. */
const stateOf = ({ versions }: Running, key: string): string[] =>
  versions.of(BUCKET, key).map((version) => {
    const what = version.isDeleteMarker ? "deleted" : versions.readBody(BUCKET, version).toString();
    return idOf(version) === "null" ? `${what} null` : what;
  });

type Change =
  | { readonly kind: "put" | "delete"; readonly key: string }
  | { readonly kind: "deleteVersion"; readonly key: string; readonly index: number }
  | { readonly kind: "status"; readonly status: VersioningStatus };

/** What a change makes of a key, by the documentation of versioning alone. */
function expected(
  state: readonly string[],
  change: Change,
  status: VersioningStatus | undefined,
  body: string,
): string[] {
  const isNull = (one: string): boolean => one.endsWith(" null");
  switch (change.kind) {
    case "put":
      return status === "Enabled"
        ? [body, ...state]
        : [`${body} null`, ...state.filter((one) => !isNull(one))];
    case "delete":
      if (status === undefined) return [];
      return status === "Enabled"
        ? ["deleted", ...state]
        : ["deleted null", ...state.filter((one) => !isNull(one))];
    case "deleteVersion":
      return state.toSpliced(change.index, 1);
    case "status":
      return [...state];
  }
}

function apply({ store, versions }: Running, change: Change, body: string): void {
  switch (change.kind) {
    case "put":
      return void store.putObject(BUCKET, change.key, Buffer.from(body));
    case "delete":
      return store.deleteObject(BUCKET, change.key);
    case "deleteVersion": {
      const version = versions.of(BUCKET, change.key)[change.index];
      return void (version && versions.deleteVersion(BUCKET, change.key, idOf(version)));
    }
    case "status":
      return versions.setStatus(BUCKET, change.status);
  }
}

const key = fc.constantFrom("a", "a/b");
const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("put" as const), key }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("delete" as const), key }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("deleteVersion" as const), key, index: fc.nat(2) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("status" as const),
      status: fc.constantFrom("Enabled" as const, "Suspended" as const),
    }),
  },
);

test("after a kill at any instant, every version is there that was, and the change is made whole or not at all", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ change, callsLeft: fc.option(fc.nat(4)) }), { minLength: 1, maxLength: 15 }),
      (steps) => {
        const folder = mkdtempSync(join(tmpdir(), "doorstep-versions-"));
        const kill: Kill = { callsLeft: Infinity };
        let running = start(folder, kill);
        const states = new Map<string, string[]>();
        for (const [index, step] of steps.entries()) {
          const status = running.versions.status(BUCKET);
          kill.callsLeft = step.callsLeft ?? Infinity;
          let isKilled = false;
          try {
            apply(running, step.change, `body ${index}`);
          } catch (error) {
            if (!(error instanceof Killed)) throw error;
            isKilled = true;
          }
          kill.callsLeft = Infinity;
          if (isKilled) running = start(folder, kill);
          if (step.change.kind === "status") continue;
          const before = states.get(step.change.key) ?? [];
          const after = expected(before, step.change, status, `body ${index}`);
          const now = stateOf(running, step.change.key);
          expect(isKilled ? [before, after] : [after]).toContainEqual(now);
          states.set(step.change.key, now);
        }
        const restarted = start(folder);
        for (const [one, state] of states) {
          expect(stateOf(restarted, one)).toEqual(state);
          expect(restarted.versions.current(BUCKET, one) !== undefined).toBe(
            state.length > 0 && !state[0]!.startsWith("deleted"),
          );
        }
        rmSync(folder, { recursive: true });
      },
    ),
    { numRuns: 150 },
  );
});

test("files that a kill left half written or half removed are removed at the next start", () => {
  const folder = mkdtempSync(join(tmpdir(), "doorstep-versions-"));
  const { store, versions } = start(folder);
  versions.setStatus(BUCKET, "Enabled");
  for (const body of ["one", "two"]) store.putObject(BUCKET, "a", Buffer.from(body));
  const former = join(folder, "buckets", BUCKET, "versions");
  const whole = readdirSync(former);
  writeFileSync(join(former, "kept.data"), "bytes without metadata");
  writeFileSync(join(former, "written.meta.json.new"), "{");
  writeFileSync(join(folder, "buckets", BUCKET, "objects", "deleted.data"), "bytes of a deleted object");
  const restarted = start(folder);
  expect([stateOf(restarted, "a"), stateOf(restarted, "deleted")]).toEqual([["two", "one"], []]);
  expect(readdirSync(former)).toEqual(whole);
  expect(readdirSync(join(folder, "buckets", BUCKET, "objects"))).toEqual(["a.data", "a.meta.json"]);
  rmSync(folder, { recursive: true });
});

test("a former version that is broken is set aside by name, and its neighbours stay", () => {
  const folder = mkdtempSync(join(tmpdir(), "doorstep-versions-"));
  const { store, versions } = start(folder);
  versions.setStatus(BUCKET, "Enabled");
  for (const body of ["one", "two", "three"]) store.putObject(BUCKET, "a", Buffer.from(body));
  const former = join(folder, "buckets", BUCKET, "versions");
  const [first] = readdirSync(former)
    .filter((name) => name.endsWith(".meta.json"))
    .toSorted();
  writeFileSync(join(former, first!), "{");
  const aside: unknown[] = [];
  new VersionFiles(folder).load(BUCKET, (broken) => void aside.push(broken));
  expect(aside).toEqual([{ file: join("buckets", BUCKET, "versions", first!), reason: "it is not JSON" }]);
  expect(stateOf(start(folder), "a")).toEqual(["three", "two"]);
  rmSync(folder, { recursive: true });
});
