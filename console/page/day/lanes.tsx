import type { ComponentChildren, JSX } from "preact";
import { useRef } from "preact/hooks";
import { SECOND_MS } from "../../../base/durations.ts";
import type { Day } from "../../../schemas/console/day.ts";
import { clockIn, hueOf, labelName } from "../parts/format.ts";
import {
  barsOf,
  isIntended,
  LANE_HEIGHT,
  LANE_WIDTH,
  momentOf,
  shareAt,
  ticksOf,
  type Interval,
} from "./timeline.ts";

/** The lanes of a day, one below the other, with a cursor that mouse, finger and keyboard move. */
export function Lanes({
  day,
  view,
  atMs,
  onChoose,
}: {
  readonly day: Day;
  readonly view: Interval;
  readonly atMs: number;
  readonly onChoose: (ms: number, isFinal: boolean) => void;
}): JSX.Element {
  const field = useRef<HTMLDivElement>(null);
  const clock = clockIn(day.timeZone);
  const shownMs = view.untilMs - view.fromMs;
  const timeAt = (event: PointerEvent): number => {
    const { left, width } = field.current!.getBoundingClientRect();
    return view.fromMs + Math.min(1, Math.max(0, (event.clientX - left) / width)) * shownMs;
  };
  const labels = [...new Set(day.detections.map(({ label }) => label))].toSorted();
  const bars = (intervals: readonly Interval[]): string => barsOf(view, intervals);
  const future: Interval[] = day.nowMs < day.untilMs ? [{ fromMs: day.nowMs, untilMs: day.untilMs }] : [];
  const stepMs = Math.max(SECOND_MS, shownMs / 600);
  return (
    <div class="lanes">
      <div class="axis" aria-hidden="true">
        {ticksOf(day, view, 8).map((ms) => (
          <span key={ms} style={{ left: `${shareAt(view, ms) * 100}%` }}>
            {clock.short(ms)}
          </span>
        ))}
      </div>
      <div
        ref={field}
        class="lane-field"
        onPointerDown={(event) => {
          field.current!.setPointerCapture(event.pointerId);
          onChoose(timeAt(event), false);
        }}
        onPointerMove={(event) => event.buttons > 0 && onChoose(timeAt(event), false)}
        onPointerUp={(event) => onChoose(timeAt(event), true)}
      >
        <Lane name="Video kept">
          {day.video.kind === "known" ? (
            <path class="video" d={bars(day.video.intervals)} />
          ) : (
            <path class="not-known" d={bars([day])} />
          )}
        </Lane>
        <Lane name="Motion">
          <path class="motion" d={bars(day.motion)} />
        </Lane>
        <Lane name="Analysed">
          <path class="covered" d={bars(day.analysed)} />
          <path class="intended" d={bars(day.gaps.filter(isIntended))} />
          <path class="gap" d={bars(day.gaps.filter((gap) => !isIntended(gap)))} />
        </Lane>
        {labels.map((label) => (
          <Lane key={label} name={labelName(label)}>
            <path
              class={`detection hue-${hueOf(label)}`}
              d={bars(
                day.detections
                  .filter((one) => one.label === label)
                  .map(({ detectedAtMs }) => ({ fromMs: detectedAtMs, untilMs: detectedAtMs })),
              )}
            />
          </Lane>
        ))}
        <Lane name="Alerts">
          <path class="alert" d={bars(day.alerts)} />
        </Lane>
        <svg class="grid" viewBox={`0 0 ${LANE_WIDTH} 1`} preserveAspectRatio="none" aria-hidden="true">
          {ticksOf(day, view, 8).map((ms) => (
            <path key={ms} d={`M${shareAt(view, ms) * LANE_WIDTH} 0v1`} />
          ))}
          <path class="future" d={barsOf(view, future, 1)} />
        </svg>
        <i class="cursor" style={{ left: `${shareAt(view, atMs) * 100}%` }} />
      </div>
      <input
        class="scrubber"
        type="range"
        aria-label="Time"
        aria-valuetext={`${clock.exact(atMs)}: ${inWords(day, atMs)}`}
        min={view.fromMs}
        max={view.untilMs}
        step={stepMs}
        value={atMs}
        onInput={({ currentTarget: { value } }) => onChoose(Number(value), false)}
        onChange={({ currentTarget: { value } }) => onChoose(Number(value), true)}
      />
    </div>
  );
}

const Lane = ({
  name,
  children,
}: {
  readonly name: string;
  readonly children: ComponentChildren;
}): JSX.Element => (
  <div class="lane">
    <span>{name}</span>
    <svg viewBox={`0 0 ${LANE_WIDTH} ${LANE_HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      {children}
    </svg>
  </div>
);

/** A moment, for who cannot see the lanes. */
function inWords(day: Day, atMs: number): string {
  const { isMotion, session, gap, isVideoKept } = momentOf(day, atMs, 0);
  if (session) return "motion, analysed";
  if (gap) return `motion, not analysed: ${gap.words}`;
  if (isMotion) return "motion";
  return isVideoKept ? "video, no motion" : "no motion";
}
