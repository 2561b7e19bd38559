import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Fragment, Media } from "./fragment.ts";

/** Writes a file; its bytes are on the disk when this resolves. */
export type WriteFile = (path: string, bytes: Uint8Array) => Promise<void>;

const writeToDisk: WriteFile = (path, bytes) => writeFile(path, bytes, { flush: true });

/** The files of a stream's fragments: one per cluster, one per header that clusters share. */
export class FragmentFiles {
  readonly #folder: string;
  readonly #write: WriteFile;
  /** Names of the complete files. */
  readonly #names: Set<string>;
  /** The header read last, which most fragments share with their neighbours. */
  #header: { hash: string; bytes: Uint8Array } | undefined;

  private constructor(folder: string, write: WriteFile, names: Set<string>) {
    this.#folder = folder;
    this.#write = write;
    this.#names = names;
  }

  static async open(folder: string, write: WriteFile = writeToDisk): Promise<FragmentFiles> {
    await mkdir(folder, { recursive: true });
    return new FragmentFiles(folder, write, new Set(await readdir(folder)));
  }

  has(fragment: Fragment): boolean {
    return this.#names.has(clusterFile(fragment)) && this.#names.has(headerFile(fragment));
  }

  /** Writes a fragment's files, each whole or not at all. */
  async put(fragment: Fragment, { header, cluster }: Media): Promise<void> {
    if (!this.#names.has(headerFile(fragment))) await this.#put(headerFile(fragment), header);
    await this.#put(clusterFile(fragment), cluster);
  }

  /** A fragment's media; undefined when its files are gone. */
  async read(fragment: Fragment): Promise<Media | undefined> {
    const { headerHash: hash } = fragment;
    try {
      if (this.#header?.hash !== hash)
        this.#header = { hash, bytes: await readFile(join(this.#folder, headerFile(fragment))) };
      const { bytes: header } = this.#header;
      return { header, cluster: await readFile(join(this.#folder, clusterFile(fragment))) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  /** Removes every file but those of these fragments. */
  async keepOnly(fragments: readonly Fragment[]): Promise<void> {
    const kept = new Set(fragments.flatMap((one) => [clusterFile(one), headerFile(one)]));
    for (const name of this.#names) {
      if (kept.has(name)) continue;
      this.#names.delete(name);
      await rm(join(this.#folder, name), { force: true });
    }
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #put(name: string, bytes: Uint8Array): Promise<void> {
    const path = join(this.#folder, name);
    try {
      await this.#write(`${path}.part`, bytes);
      await rename(`${path}.part`, path);
      this.#names.add(name);
    } catch (error) {
      // On a full disk, a partial file takes the space of the next.
      await rm(`${path}.part`, { force: true }).catch(() => undefined);
      throw error;
    }
  }
}

const clusterFile = ({ number }: Fragment): string => `${number}.cluster`;
const headerFile = ({ headerHash }: Fragment): string => `${headerHash}.header`;
