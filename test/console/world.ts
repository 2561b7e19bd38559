import { TurnableClock } from "../../base/clock.ts";
import type { ConsoleCloud } from "../../console/cloud.ts";
import type { FactTable } from "../../console/lake/facts.ts";
import { hourName, LakeReader, type LakeListing } from "../../console/lake/reader.ts";
import type { Persons } from "../../console/persons.ts";
import type { LakeFile, LakeFileRow } from "../../operator/lake-files.ts";
import type { Camera } from "../../schemas/camera.ts";
import type { Session } from "../../schemas/session.ts";

/** A Monday evening. */
export const NOW_MS = Date.parse("2026-11-30T18:30:00.000Z");
export const EVIDENCE_BUCKET = "doorstep-evidence";

const NO_PERSONS: Persons = { enrolled: [], ownerOf: (id) => id, nameOf: () => undefined };

/** A lake in memory: a file per table and hour, or several. */
class MemoryLake implements LakeListing {
  readonly #tables = new Map<string, Map<string, LakeFile[]>>();
  readonly #rows = new Map<string, LakeFileRow[]>();
  /** Keys of the files that were read. */
  readonly filesRead: string[] = [];
  /** Thrown by every call while it is set. */
  failure: Error | undefined;

  add(table: FactTable, atMs: number, ...rows: LakeFileRow[]): void {
    const [dt, hour] = hourName(atMs).split("T") as [string, string];
    const key = `${table}/dt=${dt}/hour=${hour}/file-${String(this.#rows.size).padStart(5, "0")}.parquet`;
    this.#rows.set(key, rows);
    const days = this.#tables.get(table) ?? new Map<string, LakeFile[]>();
    this.#tables.set(table, days);
    days.set(dt, [...(days.get(dt) ?? []), { key, etag: key, bytes: 1000, modifiedAtMs: atMs, dt, hour }]);
  }

  async days(table: string): Promise<readonly string[]> {
    return [...this.#of(table).keys()].toSorted().toReversed();
  }

  async filesOf(table: string, dt: string): Promise<readonly LakeFile[]> {
    return this.#of(table).get(dt) ?? [];
  }

  async filesFrom(table: string, dt: string, hour: string): Promise<readonly LakeFile[]> {
    const files = [...this.#of(table).values()].flat();
    return files.filter((file) => `${file.dt}T${file.hour}` >= `${dt}T${hour}`);
  }

  async read({ key }: LakeFile): Promise<readonly LakeFileRow[]> {
    if (this.failure) throw this.failure;
    this.filesRead.push(key);
    return this.#rows.get(key) ?? [];
  }

  #of(table: string): ReadonlyMap<string, LakeFile[]> {
    if (this.failure) throw this.failure;
    return this.#tables.get(table) ?? new Map<string, LakeFile[]>();
  }
}

/** What a test's console reads, in memory. */
export interface ConsoleWorld {
  readonly cloud: ConsoleCloud;
  readonly lake: MemoryLake;
  readonly clock: TurnableClock;
  readonly reviewed: Set<string>;
  readonly cameras: Camera[];
  readonly sessions: Map<string, Session>;
  persons: Persons;
}

export function consoleWorld(changes: Partial<ConsoleCloud> = {}): ConsoleWorld {
  const lake = new MemoryLake();
  const clock = new TurnableClock(NOW_MS);
  const reviewed = new Set<string>();
  const world: ConsoleWorld = {
    lake,
    clock,
    reviewed,
    cameras: [],
    sessions: new Map(),
    persons: NO_PERSONS,
    cloud: {
      config: {},
      stack: "doorstep-dev",
      region: "us-east-1",
      isLocal: true,
      clock,
      outputs: { EvidenceBucketName: EVIDENCE_BUCKET } as ConsoleCloud["outputs"],
      s3: undefined as never,
      lake: new LakeReader(lake),
      cameras: {
        find: async (id) => world.cameras.find(({ cameraId }) => cameraId === id),
        list: async () => world.cameras,
        change: async ({ cameraId }, changes) => {
          const at = world.cameras.findIndex((one) => one.cameraId === cameraId);
          if (at >= 0) world.cameras[at] = { ...world.cameras[at]!, ...changes };
          return at >= 0;
        },
      },
      sessions: { find: async (id) => world.sessions.get(id) },
      reviews: {
        add: async (chainId) => void reviewed.add(chainId),
        remove: async (chainId) => void reviewed.delete(chainId),
        list: async () => new Set(reviewed),
        among: async (ids) => new Set(ids.filter((id) => reviewed.has(id))),
      },
      persons: async () => world.persons,
      close: () => {},
      ...changes,
    },
  };
  return world;
}

let count = 0;

/** A row of detection_records, with the labels after the first in `more_labels`. */
export function detectionRow(
  detectedAtMs: number,
  changes: Readonly<Record<string, unknown>> = {},
): LakeFileRow {
  const id = String(++count);
  return {
    event_id: `event-${id}`,
    session_id: "session-1",
    camera_id: "front-door",
    engine: "frames",
    session_started_at_ms: detectedAtMs - 4000,
    label_id: "label-1",
    label: "PERSON",
    confidence: 90,
    detected_at_ms: detectedAtMs,
    fragment_number: `100${id}`,
    box_left: 0.1,
    box_top: 0.2,
    box_width: 0.3,
    box_height: 0.4,
    frame_image_uri: `s3://${EVIDENCE_BUCKET}/evidence/front-door/${id}.jpg`,
    cropped_image_uri: null,
    more_labels: null,
    received_at_ms: detectedAtMs + 1000,
    ...changes,
  };
}

/** A row of session_records, of the coverage ledger. */
export function sessionRow(
  fromMs: number,
  untilMs: number,
  changes: Readonly<Record<string, unknown>> = {},
): LakeFileRow {
  return {
    event_id: `entry-${++count}`,
    source: "ledger",
    outcome: "completed",
    reason: null,
    session_id: "session-1",
    camera_id: "front-door",
    engine: "frames",
    session_started_at_ms: fromMs,
    session_ended_at_ms: untilMs,
    chain_started_at_ms: fromMs,
    from_at_ms: fromMs,
    received_at_ms: untilMs + 1000,
    ...changes,
  };
}
