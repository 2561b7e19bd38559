const codesOf = (text: string) => Array.from(text, (character) => character.charCodeAt(0));
const DIGITS = codesOf("0123456789abcdef");
/** Character codes of the id being built: faster than joining strings. */
const idCodes = codesOf("00000000-0000-4000-a000-000000000000");
const TWO_TO_32 = 2 ** 32;
const WARM_UP = 12;

/** A seeded generator: the same seeds give the same numbers (Chris Doty-Humphrey's sfc32). */
export class SeededRandom {
  #a: number;
  #b: number;
  #c: number;
  #count = 1;

  /** @param seeds whole numbers up to 2^32 */
  constructor(seed: number, second = 0, third = 0) {
    this.#a = mixed(seed ^ 0x9e3779b9);
    this.#b = mixed(second ^ this.#a);
    this.#c = mixed(third ^ this.#b);
    for (let round = 0; round < WARM_UP; round++) this.bits();
  }

  /** 32 bits, as a number from 0. */
  bits(): number {
    const sum = (this.#a + this.#b + this.#count++) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** From 0 up to but not including 1. */
  share(): number {
    return this.bits() / TWO_TO_32;
  }

  chance(probability: number): boolean {
    return this.share() < probability;
  }

  /** A whole number from `min` up to but not including `end`. */
  whole(min: number, end: number): number {
    return min + Math.floor(this.share() * (end - min));
  }

  /** Standard normal distribution. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.share())) * Math.cos(2 * Math.PI * this.share());
  }

  /** Log-normal distribution: half are below `median`; a larger `spread` gives a longer tail. */
  longTailed(median: number, spread: number): number {
    return median * Math.exp(spread * this.normal());
  }

  /** Poisson distribution: how often an event occurs that occurs `mean` times on average. */
  count(mean: number): number {
    if (mean > MANY) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    const limit = Math.exp(-mean);
    let occurred = 0;
    for (let product = this.share(); product > limit; product *= this.share()) occurred++;
    return occurred;
  }

  /** An index, chosen in proportion to the weights. */
  weighted(weights: readonly number[]): number {
    let rest = this.share() * weights.reduce((sum, weight) => sum + weight, 0);
    const found = weights.findIndex((weight) => (rest -= weight) < 0);
    return found < 0 ? weights.length - 1 : found;
  }

  /** A UUID with 104 random bits. */
  id(): string {
    const a = this.bits();
    const b = this.bits();
    const c = this.bits();
    const d = this.bits();
    writeHex(a, 0, 8);
    writeHex(b >>> 20, 9, 12);
    writeHex((b >>> 20) ^ 0x5a5, 15, 18);
    writeHex(b, 20, 23);
    writeHex(c, 24, 32);
    writeHex(d >>> 16, 32, 36);
    return String.fromCharCode(...idCodes);
  }
}

/** Writes the lowest bits as hexadecimal digits of the id, from `begin` up to but not including `end`. */
function writeHex(bits: number, begin: number, end: number): void {
  for (let place = end - 1, rest = bits; place >= begin; place--, rest >>>= 4)
    idCodes[place] = DIGITS[rest & 15]!;
}

/** Above it, the normal distribution approximates the Poisson distribution. */
const MANY = 30;

function mixed(seed: number): number {
  let hash = Math.imul(seed ^ (seed >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
