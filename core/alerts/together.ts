/** As many as the outbox of a record can take beside those that it may have already, in an item of 400 KB. */
const MOST_DETECTIONS = 100;

type Message =
  | { readonly kind: "detected"; readonly detections: readonly unknown[] }
  | { readonly kind: "chain-ended" | "wake" };

/**
 * Splits a camera's messages, in their order, into those that are handled as one event: detections that follow one another,
 * since each event costs reads and writes of the same records, or one other message.
 */
export function handledTogether<M extends { readonly message: Message }>(messages: readonly M[]): M[][] {
  const groups: M[][] = [];
  let detections = 0;
  for (const one of messages) {
    const { message } = one;
    const added = message.kind === "detected" ? message.detections.length : 0;
    const last = groups.at(-1);
    const isJoined =
      message.kind === "detected" &&
      last?.[0]?.message.kind === "detected" &&
      detections + added <= MOST_DETECTIONS;
    if (isJoined) last.push(one);
    else groups.push([one]);
    detections = isJoined ? detections + added : added;
  }
  return groups;
}
