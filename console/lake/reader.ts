import { forEachConcurrently } from "../../base/concurrency.ts";
import type { LakeFile, LakeFiles, LakeFileRow } from "../../operator/lake-files.ts";
import { chainsOf, type ChainFacts } from "./chains.ts";
import { FACT_COLUMNS, FACT_TABLES, factsOf, joined, type FactTable, type HourFacts } from "./facts.ts";

/** An hour that has files: `2026-11-21T09`. */
export type HourName = string;

export const hourName = (epochMs: number): HourName => new Date(epochMs).toISOString().slice(0, 13);
export const hourStartMs = (name: HourName): number => Date.parse(`${name}:00:00.000Z`);

/** What {@link LakeFiles} lists and reads. */
export type LakeListing = Pick<LakeFiles, "days" | "filesOf" | "filesFrom" | "read">;

const READS_AT_ONCE = 16;
/** Facts that are kept in memory, of the hours that were used last. */
const MAX_FACTS = 500_000;
/** Lists of chains that are kept, each of some hours in a row. */
const MAX_CHAIN_LISTS = 16;

/** Reads the facts of hours of the lake. The facts of an hour are kept until its files change. */
export class LakeReader {
  readonly files: LakeListing;
  readonly #facts = new Map<
    HourName,
    { readonly version: string; readonly facts: HourFacts; count: number }
  >();
  readonly #chains: { readonly hours: readonly HourFacts[]; readonly chains: readonly ChainFacts[] }[] = [];
  /** Hours that are being read, by name and version: requests and the reading ahead begin with the same ones. */
  readonly #reading = new Map<string, Promise<HourFacts>>();
  #count = 0;

  constructor(files: LakeListing) {
    this.files = files;
  }

  /** Whether no table has a file. */
  async isEmpty(): Promise<boolean> {
    const days = await Promise.all(FACT_TABLES.map((table) => this.files.days(table)));
    return days.every((some) => some.length === 0);
  }

  /** The hours with files from the end of `until` (all if it is undefined) back, a day at a time, the latest first. */
  async *hoursBack(until?: HourName): AsyncGenerator<readonly HourName[]> {
    const listed = await Promise.all(FACT_TABLES.map((table) => this.files.days(table)));
    const days = [...new Set(listed.flat())].toSorted().toReversed();
    for (const dt of days) {
      if (until !== undefined && dt > until.slice(0, 10)) continue;
      const files = await this.#filesOf(dt);
      const names = [...new Set(FACT_TABLES.flatMap((table) => files[table].map(nameOf)))];
      const due = names.filter((name) => until === undefined || name <= until).toSorted();
      if (due.length > 0) yield due.toReversed();
    }
  }

  /** The facts of hours, in the same order. */
  async factsOf(hours: readonly HourName[]): Promise<readonly HourFacts[]> {
    const found = new Map<HourName, HourFacts>();
    await forEachConcurrently(hours, { limit: 8 }, async (hour) => {
      found.set(hour, await this.#factsOf(hour));
    });
    return hours.map((hour) => found.get(hour)!);
  }

  /** The chains of some hours, which are kept while the facts of these hours are the same. */
  chainsOf(hours: readonly HourFacts[]): readonly ChainFacts[] {
    const isSame = (one: { readonly hours: readonly HourFacts[] }) =>
      one.hours.length === hours.length && one.hours.every((facts, at) => facts === hours[at]);
    const known = this.#chains.findIndex(isSame);
    const [entry] = known < 0 ? [] : this.#chains.splice(known, 1);
    const found = entry ?? { hours, chains: chainsOf(joined(hours)) };
    this.#chains.push(found);
    if (this.#chains.length > MAX_CHAIN_LISTS) this.#chains.shift();
    return found.chains;
  }

  async #filesOf(dt: string): Promise<Record<FactTable, readonly LakeFile[]>> {
    const lists = await Promise.all(FACT_TABLES.map((table) => this.files.filesOf(table, dt)));
    return Object.fromEntries(FACT_TABLES.map((table, at) => [table, lists[at]!])) as Record<
      FactTable,
      readonly LakeFile[]
    >;
  }

  async #factsOf(hour: HourName): Promise<HourFacts> {
    const files = await this.#filesOf(hour.slice(0, 10));
    const ofHour = FACT_TABLES.flatMap((table) =>
      files[table].filter((file) => nameOf(file) === hour).map((file) => ({ table, file })),
    );
    const version = ofHour.map(({ file }) => `${file.key} ${file.etag}`).join("\n");
    const known = this.#facts.get(hour);
    if (known) {
      // The hours that were used last are at the end.
      this.#facts.delete(hour);
      this.#facts.set(hour, known);
      if (known.version === version) return known.facts;
    }
    const key = `${hour}\n${version}`;
    const begun = this.#reading.get(key);
    if (begun) return await begun;
    const reading = this.#read(ofHour).finally(() => this.#reading.delete(key));
    this.#reading.set(key, reading);
    const facts = await reading;
    this.#keep(hour, version, facts);
    return facts;
  }

  async #read(ofHour: readonly { readonly table: FactTable; readonly file: LakeFile }[]): Promise<HourFacts> {
    const rows: Record<FactTable, LakeFileRow[]> = {
      detection_records: [],
      session_records: [],
      face_records: [],
      alert_records: [],
    };
    await forEachConcurrently(ofHour, { limit: READS_AT_ONCE }, async ({ table, file }) => {
      const read = await this.files.read(file, FACT_COLUMNS[table]);
      for (const row of read) rows[table].push(row);
    });
    return factsOf(rows);
  }

  #keep(hour: HourName, version: string, facts: HourFacts): void {
    this.#count -= this.#facts.get(hour)?.count ?? 0;
    this.#facts.delete(hour);
    const count = Object.values(facts).reduce((sum, some: readonly unknown[]) => sum + some.length, 0);
    this.#facts.set(hour, { version, facts, count });
    this.#count += count;
    for (const [oldest, { count: dropped }] of this.#facts) {
      if (this.#count <= MAX_FACTS || oldest === hour) return;
      this.#facts.delete(oldest);
      this.#count -= dropped;
    }
  }
}

const nameOf = ({ dt, hour }: LakeFile): HourName => `${dt}T${hour}`;
