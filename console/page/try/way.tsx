import type { JSX } from "preact";
import type { TryLog } from "../../../schemas/console/tries.ts";
import { Json, Time } from "../parts/data.tsx";
import { durationOf } from "../parts/format.ts";
import { Empty } from "../parts/states.tsx";

type Hop = TryLog["way"][number];

const NAMES: Readonly<Record<Hop["hop"], string>> = {
  request: "Request",
  session: "Session",
  video: "Video",
  notification: "Notification",
  row: "Row",
  alert: "Alert",
};

/** What comes after the last hop that a motion has reached, and what it waits for. */
const NEXT: readonly (readonly [hop: Hop["hop"], waits: string])[] = [
  ["request", "the camera’s motion request"],
  ["session", "the engine, which starts a session"],
  ["video", "the camera’s video of that time"],
  ["notification", "the engine, which publishes what it detects, and Firehose, which writes it to the lake"],
  ["row", "Firehose, which writes rows once its buffer is full or old enough"],
];

/** The hops of a motion from the camera to the lake, each with its time and what was there as JSON. */
export function Way({ way }: { readonly way: readonly Hop[] }): JSX.Element {
  if (way.length === 0)
    return (
      <Empty title="No motion yet">
        <p>Once the camera reports motion, its way to the lake appears here, step by step.</p>
      </Empty>
    );
  const next = NEXT.find(([hop]) => !way.some((one) => one.hop === hop));
  return (
    <ol class="way">
      {way.map(({ hop, atMs, title, document }, index) => (
        <li key={`${hop} ${atMs} ${index}`} class={`hop ${hop}`}>
          <p class="hop-head">
            <b>{NAMES[hop]}</b>
            <Time ms={atMs} />
            {index > 0 && <small>+{durationOf(Math.max(0, atMs - way[0]!.atMs))}</small>}
          </p>
          <p>{title}</p>
          {document !== undefined && (
            <details>
              <summary>JSON</summary>
              <Json value={document} name={`${NAMES[hop]} as JSON`} />
            </details>
          )}
        </li>
      ))}
      {next && (
        <li class="hop waiting">
          <p class="hop-head">
            <b>{NAMES[next[0]]}</b>
          </p>
          <p>waits for {next[1]}</p>
        </li>
      )}
    </ol>
  );
}
