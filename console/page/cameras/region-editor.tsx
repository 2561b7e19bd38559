import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { Button } from "../parts/controls.tsx";
import { percentOf } from "../parts/format.ts";
import {
  MAX_POINTS,
  MAX_REGIONS,
  middleOf,
  MIN_POINTS,
  movedBy,
  NEW_REGION,
  pointsOf,
  shareOf,
  withoutPoint,
  withPoint,
  withPointAfter,
  type Point,
  type Region,
} from "./regions.ts";

const STEP = 0.01;
const BIG_STEP = 0.05;
const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** Regions on the camera's latest frame: corners are dragged, or moved by the arrow keys. */
export function RegionEditor({
  frame,
  regions,
  onChange,
}: {
  readonly frame: string | undefined;
  readonly regions: readonly Region[];
  readonly onChange: (regions: readonly Region[]) => void;
}): JSX.Element {
  const field = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useState(0);
  const [ratio, setRatio] = useState("16 / 9");
  const latest = useRef(regions);
  latest.current = regions;
  const change = (index: number, region: Region): void => onChange(latest.current.with(index, region));
  const pointAt = (event: PointerEvent): Point => {
    const { left, top, width, height } = field.current!.getBoundingClientRect();
    return { x: (event.clientX - left) / width, y: (event.clientY - top) / height };
  };
  /** Follows the pointer until it is released. */
  const drag = (event: PointerEvent, move: (to: Point, by: Point) => void): void => {
    event.preventDefault();
    const target = event.currentTarget as Element;
    target.setPointerCapture(event.pointerId);
    let last = pointAt(event);
    const follow = (next: Event): void => {
      const to = pointAt(next as PointerEvent);
      move(to, { x: to.x - last.x, y: to.y - last.y });
      last = to;
    };
    const release = (): void => {
      target.removeEventListener("pointermove", follow);
      target.removeEventListener("pointerup", release);
      target.removeEventListener("pointercancel", release);
    };
    target.addEventListener("pointermove", follow);
    target.addEventListener("pointerup", release);
    target.addEventListener("pointercancel", release);
  };
  const region = regions[chosen];
  return (
    <>
      <div ref={field} class="region-field" style={{ aspectRatio: ratio }}>
        {frame !== undefined && (
          <img
            src={frame}
            alt="The camera's latest frame"
            onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
              setRatio(`${naturalWidth} / ${naturalHeight}`)
            }
          />
        )}
        <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
          {regions.map((one, index) => (
            <polygon
              key={index}
              class={index === chosen ? "chosen" : undefined}
              points={pointsOf(one)
                .map(({ x, y }) => `${x},${y}`)
                .join(" ")}
              onPointerDown={(event) => {
                setChosen(index);
                drag(event, (_, by) => change(index, movedBy(latest.current[index]!, by)));
              }}
            />
          ))}
        </svg>
        {region &&
          pointsOf(region).length < MAX_POINTS &&
          pointsOf(region).map((_, index, { length }) => {
            const { x, y } = middleOf(region, index);
            return (
              <button
                key={`middle ${index}`}
                type="button"
                class="handle middle"
                style={{ left: `${x * 100}%`, top: `${y * 100}%` }}
                aria-label={`Add a corner between ${index + 1} and ${((index + 1) % length) + 1}`}
                onClick={() => change(chosen, withPointAfter(region, index))}
              />
            );
          })}
        {region &&
          pointsOf(region).map(({ x, y }, index) => (
            <button
              key={index}
              type="button"
              class="handle"
              style={{ left: `${x * 100}%`, top: `${y * 100}%` }}
              aria-label={`Corner ${index + 1} of region ${chosen + 1}, at ${percentOf(x)} from the left and ${percentOf(y)} from the top`}
              onPointerDown={(event) => {
                event.currentTarget.focus();
                drag(event, (to) => change(chosen, withPoint(latest.current[chosen]!, index, to)));
              }}
              onKeyDown={(event) => {
                const arrow = ARROWS[event.key];
                if (arrow) {
                  const step = event.shiftKey ? BIG_STEP : STEP;
                  change(chosen, withPoint(region, index, { x: x + arrow.x * step, y: y + arrow.y * step }));
                } else if (event.key === "Delete" || event.key === "Backspace")
                  change(chosen, withoutPoint(region, index));
                else return;
                event.preventDefault();
              }}
            />
          ))}
      </div>
      <p class="region-help">
        {regions.length === 0
          ? "Labels are detected in the whole frame. Add a region to detect them there only."
          : `Drag corners, or move them with the arrow keys. A dot in the middle of a side adds a corner, Delete removes one; a region has ${MIN_POINTS} to ${MAX_POINTS}.`}
      </p>
      <div class="region-list">
        {regions.map((one, index) => (
          <span key={index} class="region-item">
            <Button pressed={index === chosen} onClick={() => setChosen(index)}>
              Region {index + 1}, {percentOf(shareOf(one))} of the frame
            </Button>
            <Button
              kind="quiet"
              icon="close"
              name={`Remove region ${index + 1}`}
              onClick={() => {
                onChange(regions.toSpliced(index, 1));
                setChosen(Math.max(0, chosen - (index <= chosen ? 1 : 0)));
              }}
            />
          </span>
        ))}
        <Button
          icon="plus"
          disabled={regions.length >= MAX_REGIONS}
          onClick={() => {
            onChange([...regions, NEW_REGION]);
            setChosen(regions.length);
          }}
        >
          Add a region
        </Button>
      </div>
    </>
  );
}
