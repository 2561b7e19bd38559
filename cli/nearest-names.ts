const MAX_SUGGESTIONS = 3;
/** Share of a name's letters that may differ. */
const MAX_ERROR_SHARE = 0.4;

/** The names that a misspelled one may mean: those that contain it, and those a few letters away. */
export function nearestNames(written: string, names: readonly string[]): string[] {
  const lower = written.toLowerCase();
  return names
    .map((name) => ({ name, distance: name.includes(lower) ? 0 : editDistance(lower, name) }))
    .filter(({ name, distance }) => distance <= name.length * MAX_ERROR_SHARE)
    .toSorted((a, b) => a.distance - b.distance || a.name.localeCompare(b.name))
    .slice(0, MAX_SUGGESTIONS)
    .map(({ name }) => name);
}

/** How many letters to add, remove or change (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
