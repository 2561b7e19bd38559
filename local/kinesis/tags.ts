import { invalidArgument } from "./errors.ts";
import { MAX_STREAM_TAGS } from "./inputs.ts";
import type { KinesisState } from "./state.ts";
import type { Stream } from "./stream.ts";

/** Adds tags, or replaces the values of existing ones. @throws AwsError InvalidArgumentException */
export function addTags(state: KinesisState, stream: Stream, added: Readonly<Record<string, string>>): void {
  const tags = { ...stream.tags, ...added };
  const count = Object.keys(tags).length;
  if (count > MAX_STREAM_TAGS)
    throw invalidArgument(`The stream would have ${count} tags; at most ${MAX_STREAM_TAGS}.`);
  state.update(stream, { tags });
}

export const removeTags = (state: KinesisState, stream: Stream, keys: readonly string[]): void =>
  state.update(stream, {
    tags: Object.fromEntries(Object.entries(stream.tags).filter(([key]) => !keys.includes(key))),
  });

/** Ordered by key. */
export const tagList = ({ tags }: Stream) =>
  Object.entries(tags)
    .map(([Key, Value]) => ({ Key, Value }))
    .toSorted((one, other) => (one.Key < other.Key ? -1 : 1));
