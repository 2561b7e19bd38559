/** Labels with a fixed colour. */
const KNOWN: Readonly<Record<string, number>> = { PERSON: 1, PET: 2, PACKAGE: 3 };
const OTHERS = [4, 5, 6] as const;
/** Lines differ by dashes as well, for colour-blind readers and greyscale printers. */
const DASHES = ["", "", "7 3", "2 3", "9 3 2 3", "4 4", "1 4"] as const;

/** Number of a label's colour, 1 to 6: `--label-1` and so on in the style sheet. */
export function hueOf(label: string, labels: readonly string[]): number {
  const known = Object.hasOwn(KNOWN, label) ? KNOWN[label] : undefined;
  if (known !== undefined) return known;
  const others = labels.filter((one) => !Object.hasOwn(KNOWN, one)).toSorted();
  return OTHERS[Math.max(0, others.indexOf(label)) % OTHERS.length]!;
}

export const colourOf = (label: string, labels: readonly string[]): string =>
  `var(--label-${hueOf(label, labels)})`;
export const dashOf = (label: string, labels: readonly string[]): string => DASHES[hueOf(label, labels)]!;
