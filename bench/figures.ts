/** The smallest number that so many of them, as a fraction, do not exceed: 0.5 for the median. */
export const quantile = (numbers: readonly number[], fraction: number): number =>
  numbers.toSorted((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * fraction))] ??
  NaN;

export const median = (numbers: readonly number[]): number => quantile(numbers, 0.5);

export const rounded = (number: number, digits = 2): number => Number(number.toFixed(digits));

/** A property's name as words: `lowerRevisionsIgnored` is `lower revisions ignored`. */
export const words = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
