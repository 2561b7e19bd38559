import { createHash } from "node:crypto";

/** What is compared of a face: dlib's descriptor, 128 numbers. */
export type Vector = Float32Array;
const VECTOR_LENGTH = 128;

/**
 * Similarity by the Euclidean distance of two vectors, in percent. This mapping is ours, not Rekognition's: a curve that
 * falls from 100, with 80, the default threshold, at 0.5, and 50 at 0.6, the distance that dlib takes for its limit. 90 is
 * at 0.45 and 99 at 0.33.
 */
export const similarityOf = (distance: number): number => 100 / (1 + (distance / HALF_AT) ** STEEPNESS);
const HALF_AT = 0.6;
const STEEPNESS = Math.log(1 / 4) / Math.log(0.5 / HALF_AT);

export function distance(a: Vector, b: Vector): number {
  let sum = 0;
  for (let index = 0; index < VECTOR_LENGTH; index++) sum += (a[index]! - b[index]!) ** 2;
  return Math.sqrt(sum);
}

/** The middle of vectors: what stands for a user, who has several faces. */
export function meanOf(vectors: readonly Vector[]): Vector {
  const mean = new Float32Array(VECTOR_LENGTH);
  for (const vector of vectors)
    for (let index = 0; index < VECTOR_LENGTH; index++) mean[index]! += vector[index]! / vectors.length;
  return mean;
}

/** A vector of length 1 that is the same for the same text, and far from that of any other. */
export function vectorOfText(text: string): Vector {
  const numbers = new Float32Array(VECTOR_LENGTH);
  for (let block = 0; block < VECTOR_LENGTH / 8; block++) {
    const hash = createHash("sha256").update(`${block} ${text}`).digest();
    for (let index = 0; index < 8; index++)
      numbers[block * 8 + index] = hash.readInt32LE(index * 4) / 2 ** 31;
  }
  const length = Math.hypot(...numbers);
  return numbers.map((number) => number / length);
}

export const encodeVector = (vector: Vector): string =>
  Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString("base64");

export const decodeVector = (base64: string): Vector =>
  new Float32Array(new Uint8Array(Buffer.from(base64, "base64")).buffer);
