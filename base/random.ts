import { randomBytes, randomUUID } from "node:crypto";

/** 0 up to but not including 1. */
export type Random = () => number;

export const systemRandom: Random = () => Math.random();

/** The same numbers for the same seed (mulberry32): for pictures and tests that are to be repeated. */
export function randomSequence(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A UUID of version 4. */
export const randomId = (): string => randomUUID();

/** Bytes that nobody can guess: for keys, tokens and secrets. */
export const secureBytes = (count: number): Buffer => randomBytes(count);
