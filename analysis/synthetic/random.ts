const codesOf = (text: string) => Array.from(text, (character) => character.charCodeAt(0));
const DIGITS = codesOf("0123456789abcdef");
/** An id in the making: text made of character codes at once needs no joining. */
const idCodes = codesOf("00000000-0000-4000-a000-000000000000");
const TWO_TO_32 = 2 ** 32;
const WARM_UP = 12;

/** Chance that repeats itself: the same seeds give the same numbers (Chris Doty-Humphrey's sfc32). */
export class Random {
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

  /** A whole number from `least` up to but not including `end`. */
  whole(least: number, end: number): number {
    return least + Math.floor(this.share() * (end - least));
  }

  /** Around 0, two thirds of them within 1. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.share())) * Math.cos(2 * Math.PI * this.share());
  }

  /** Half of them below `median`; the larger the `spread`, the longer the tail. */
  longTailed(median: number, spread: number): number {
    return median * Math.exp(spread * this.normal());
  }

  /** How often something happens that happens `mean` times on average. */
  count(mean: number): number {
    if (mean > MANY) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    const least = Math.exp(-mean);
    let happened = 0;
    for (let product = this.share(); product > least; product *= this.share()) happened++;
    return happened;
  }

  /** Which of the weights, in proportion to them. */
  weighted(weights: readonly number[]): number {
    let rest = this.share() * weights.reduce((sum, weight) => sum + weight, 0);
    const found = weights.findIndex((weight) => (rest -= weight) < 0);
    return found < 0 ? weights.length - 1 : found;
  }

  /** In the form of a UUID, of 104 random bits. */
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

/** The lowest bits as digits of the id in the making, from `begin` up to but not including `end`. */
function writeHex(bits: number, begin: number, end: number): void {
  for (let place = end - 1, rest = bits; place >= begin; place--, rest >>>= 4)
    idCodes[place] = DIGITS[rest & 15]!;
}

/** From there on a count is as good as normally distributed. */
const MANY = 30;

function mixed(seed: number): number {
  let hash = Math.imul(seed ^ (seed >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
