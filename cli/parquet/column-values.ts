import type { Column } from "../../schemas/tables/column.ts";
import { booleans, int64, Levels, Numbers, packedIndexes, Texts, typed, type Encoded } from "./encoding.ts";

/** A row of a lake table, as the normaliser makes it. */
export type LakeRow = Readonly<Record<string, unknown>>;

/** One column of a file: its levels and its values that are not null. */
export interface Leaf {
  readonly path: readonly string[];
  /** As the table's columns name it; of a map's keys and values as well. */
  readonly type: string;
  readonly count: number;
  readonly nulls: number;
  /** Repetition and definition levels. */
  readonly levels: readonly Buffer[];
  readonly values: Encoded;
  readonly dictionary?: { readonly values: Encoded; readonly size: number };
}

/** The values of a column's rows, gathered. */
export interface ColumnValues {
  take(rows: readonly LakeRow[]): void;
  /** What the column itself has in a file, or one that shares its values. */
  leavesOf(column: Column): Leaf[];
  clear(): void;
}

/** @throws Error that names a column whose type isn't written */
export function columnValues({ name, type }: Column): ColumnValues {
  switch (type) {
    case "string":
      return new TextValues(name);
    case "map<string,string>":
      return new MapValues(name);
    case "bigint":
    case "int":
    case "double":
    case "boolean":
      return new PlainValues(name);
    default:
      throw new Error(`column ${name}: the type ${type} can't be written as Parquet`);
  }
}

/** Numbers and truth values. */
class PlainValues implements ColumnValues {
  readonly #name: string;
  readonly #levels = new Levels(1);
  readonly #values = new Numbers();

  constructor(name: string) {
    this.#name = name;
  }

  clear(): void {
    this.#levels.clear();
    this.#values.clear();
  }

  take(rows: readonly LakeRow[]): void {
    for (const row of rows) {
      const value = row[this.#name] as number | boolean | null | undefined;
      const isNull = value === null || value === undefined;
      this.#levels.add(isNull ? 0 : 1);
      if (!isNull) this.#values.add(Number(value));
    }
  }

  leavesOf({ name, type }: Column): Leaf[] {
    return [
      leafOf([name], type, [this.#levels], {
        values: encode(type, this.#values.all()),
        count: this.#values.count,
      }),
    ];
  }
}

function encode(type: string, values: Float64Array): Encoded {
  switch (type) {
    case "timestamp":
      return int64(values.map((epochMs) => epochMs * 1000));
    case "bigint":
      return int64(values);
    case "int":
      return typed(Int32Array, values);
    case "double":
      return typed(Float64Array, values);
    default:
      return booleans(values);
  }
}

class TextValues implements ColumnValues {
  readonly #name: string;
  readonly #levels = new Levels(1);
  readonly #texts = new RepeatingTexts();

  constructor(name: string) {
    this.#name = name;
  }

  clear(): void {
    this.#levels.clear();
    this.#texts.clear();
  }

  take(rows: readonly LakeRow[]): void {
    for (const row of rows) {
      const value = row[this.#name] as string | null | undefined;
      const isNull = value === null || value === undefined;
      this.#levels.add(isNull ? 0 : 1);
      if (!isNull) this.#texts.add(value);
    }
  }

  leavesOf({ name }: Column): Leaf[] {
    return [leafOf([name], "string", [this.#levels], this.#texts.encoded())];
  }
}

/** Keys and values of maps (documented: parquet-format, LogicalTypes, Maps): levels tell null, empty and each entry. */
class MapValues implements ColumnValues {
  readonly #name: string;
  readonly #repetition = new Levels(1);
  readonly #keyLevels = new Levels(2);
  readonly #valueLevels = new Levels(3);
  readonly #keys = new RepeatingTexts();
  readonly #values = new RepeatingTexts();

  constructor(name: string) {
    this.#name = name;
  }

  clear(): void {
    this.#repetition.clear();
    this.#keyLevels.clear();
    this.#valueLevels.clear();
    this.#keys.clear();
    this.#values.clear();
  }

  take(rows: readonly LakeRow[]): void {
    for (const row of rows) {
      const map = row[this.#name] as Record<string, string> | null | undefined;
      let entries = 0;
      for (const key in map) {
        this.#addLevels(entries++ === 0 ? 0 : 1, 2, 3);
        this.#keys.add(key);
        this.#values.add(map[key]!);
      }
      if (entries === 0) this.#addLevels(0, map ? 1 : 0, map ? 1 : 0);
    }
  }

  #addLevels(repetition: number, key: number, value: number): void {
    this.#repetition.add(repetition);
    this.#keyLevels.add(key);
    this.#valueLevels.add(value);
  }

  leavesOf({ name }: Column): Leaf[] {
    return [
      leafOf([name, "key_value", "key"], "string", [this.#repetition, this.#keyLevels], this.#keys.encoded()),
      leafOf(
        [name, "key_value", "value"],
        "string",
        [this.#repetition, this.#valueLevels],
        this.#values.encoded(),
      ),
    ];
  }
}

function leafOf(
  path: readonly string[],
  type: string,
  levels: readonly [Levels, ...Levels[]],
  { count, ...encoded }: Pick<Leaf, "values" | "dictionary"> & { readonly count: number },
): Leaf {
  const [{ count: all }] = levels;
  return {
    path,
    type,
    count: all,
    nulls: all - count,
    levels: levels.map((each) => each.bytes()),
    ...encoded,
  };
}

/** Texts have a dictionary while each of so many first ones is there four times on average. */
const SAMPLE = 512;
const MIN_REPEATS = 4;
const MAX_DICTIONARY = 32_768;

/** Texts, by way of a dictionary where they repeat. */
class RepeatingTexts {
  /** Places in the dictionary, until too many texts differ. */
  readonly #indexes = new Numbers();
  readonly #known = new Map<string, number>();
  #last: string | undefined;
  #lastIndex = 0;
  /** All of them where there is no dictionary, else what is in it. */
  readonly #texts = new Texts();
  #isPlain = false;

  clear(): void {
    this.#indexes.clear();
    this.#known.clear();
    this.#last = undefined;
    this.#texts.clear();
    this.#isPlain = false;
  }

  add(text: string): void {
    if (this.#isPlain) return this.#texts.add(text);
    // Rows of a camera follow each other.
    if (text !== this.#last) {
      this.#lastIndex = this.#indexOf(text);
      this.#last = text;
    }
    this.#indexes.add(this.#lastIndex);
    if (this.#indexes.count === SAMPLE ? this.#differ() : this.#known.size > MAX_DICTIONARY)
      this.#leaveDictionary();
  }

  #indexOf(text: string): number {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    this.#known.set(text, this.#known.size);
    return this.#known.size - 1;
  }

  #differ(): boolean {
    return this.#known.size * MIN_REPEATS > this.#indexes.count;
  }

  #leaveDictionary(): void {
    const known = [...this.#known.keys()];
    for (const index of this.#indexes.all()) this.#texts.add(known[index]!);
    this.#known.clear();
    this.#isPlain = true;
  }

  encoded(): Pick<Leaf, "values" | "dictionary"> & { readonly count: number } {
    const { count } = this.#indexes;
    if (!this.#isPlain && count < SAMPLE && this.#differ()) this.#leaveDictionary();
    if (this.#isPlain) return { values: this.#texts.encoded(), count: this.#texts.count };
    this.#texts.clear();
    for (const text of this.#known.keys()) this.#texts.add(text);
    return {
      values: { bytes: packedIndexes(this.#indexes.all(), this.#known.size) },
      dictionary: { values: this.#texts.encoded(), size: this.#known.size },
      count,
    };
  }
}
