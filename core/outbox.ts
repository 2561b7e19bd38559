/**
 * Waits for all destinations of an outbox. One that fails does not keep the others from theirs.
 * @param sends each returns the ids of the entries that its destination accepted
 * @param entries how many the outbox has
 * @returns the ids of those that were accepted; what was not is sent again
 * @throws AggregateError of the destinations' errors when no entry was accepted
 */
export async function acceptedIds(
  sends: readonly Promise<readonly string[]>[],
  entries: number,
): Promise<string[]> {
  const outcomes = await Promise.allSettled(sends);
  const accepted = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? outcome.value : []));
  if (accepted.length > 0) return accepted;
  throw new AggregateError(
    outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : [])),
    `none of ${entries} outbox entries was accepted; they are sent again`,
  );
}
