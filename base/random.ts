import { randomBytes, randomUUID } from "node:crypto";

/** 0 up to but not including 1. */
export type Random = () => number;

export const systemRandom: Random = () => Math.random();

/** A UUID of version 4. */
export const randomId = (): string => randomUUID();

/** Bytes that nobody can guess: for keys, tokens and secrets. */
export const secureBytes = (count: number): Buffer => randomBytes(count);
