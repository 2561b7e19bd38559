import { median } from "./figures.ts";

/** Runs once and returns how long that took, in any unit that both contenders share. */
export type Contender = () => Promise<number>;

/**
 * Lets two contenders take turns in one process. Each round's times are compared as a pair, so that what slows the machine
 * for a while slows both.
 * @returns the median times, and the median of rival / ours
 */
export async function pairedRounds(
  { ours, rival }: { readonly ours: Contender; readonly rival: Contender },
  { warmUpRounds, rounds }: { readonly warmUpRounds: number; readonly rounds: number },
): Promise<{ ours: number; rival: number; ratio: number }> {
  const times = { ours: [] as number[], rival: [] as number[], ratio: [] as number[] };
  for (let round = -warmUpRounds; round < rounds; round++) {
    // The first of a round pays for the other's garbage, so the order alternates.
    const oursFirst = round % 2 !== 0;
    const before = oursFirst ? await ours() : undefined;
    const rivals = await rival();
    const own = before ?? (await ours());
    if (round < 0) continue;
    times.ours.push(own);
    times.rival.push(rivals);
    times.ratio.push(rivals / own);
  }
  return { ours: median(times.ours), rival: median(times.rival), ratio: median(times.ratio) };
}
