import { createRequire } from "node:module";

interface LevelIterator {
  close(): Promise<void>;
  return?(): Promise<void>;
}

/** What all iterators of dynalite's LevelDB inherit. */
export function levelIterators(): LevelIterator {
  const fromDynalite = createRequire(import.meta.resolve("dynalite"));
  const fromLevel = createRequire(fromDynalite.resolve("level"));
  const { AbstractIterator } = fromLevel("abstract-level") as { AbstractIterator: { prototype: object } };
  return Object.getPrototypeOf(AbstractIterator.prototype) as LevelIterator;
}

/**
 * Has dynalite close the iterators of its LevelDB. dynalite 4.0.0 ends a Query or a Scan by `return`, as an async generator's,
 * and these iterators only have `close`: each would stay open, with the tables in memory and the files that LevelDB had when it
 * began.
 */
export function closeIterators(): void {
  levelIterators().return = function () {
    return this.close();
  };
}
