import { createRequire } from "node:module";

interface Iterator {
  close(): Promise<void>;
  return?(): Promise<void>;
}

/**
 * Has dynalite close the iterators of its LevelDB. dynalite 4.0.0 ends a Query or a Scan by `return`, as an async generator's,
 * and the iterators of abstract-level only have `close`: each would stay open, with the tables in memory and the files that
 * LevelDB had when it began.
 */
export function closeIterators(): void {
  const fromDynalite = createRequire(import.meta.resolve("dynalite"));
  const fromLevel = createRequire(fromDynalite.resolve("level"));
  const { AbstractIterator } = fromLevel("abstract-level") as { AbstractIterator: { prototype: Iterator } };
  const ofAllKinds = Object.getPrototypeOf(AbstractIterator.prototype) as Iterator;
  ofAllKinds.return = function () {
    return this.close();
  };
}
