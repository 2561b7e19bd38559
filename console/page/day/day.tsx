import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Day as DayData } from "../../../schemas/console/day.ts";
import { useOverview } from "../overview.ts";
import { setParams, useAddress } from "../parts/address.ts";
import { useResource, withQuery } from "../parts/api.ts";
import { now } from "../parts/clock.ts";
import { Button, LabelChip, Select } from "../parts/controls.tsx";
import { clockIn, dateOf, durationOf, percentOf } from "../parts/format.ts";
import { useKeys } from "../parts/keys.ts";
import { useLive } from "../parts/live.ts";
import { Empty, Failed, Loaded, Loading, Screen } from "../parts/states.tsx";
import { Lanes } from "./lanes.tsx";
import { MomentPanel } from "./moment-panel.tsx";
import {
  firstView,
  isIntended,
  nextEvent,
  shiftDate,
  startOf,
  summaryOf,
  viewOf,
  ZOOMS,
} from "./timeline.ts";

/** A camera's day: video kept, motion, what was analysed and what not and why, detections and alerts. */
export function Day(): JSX.Element {
  const { params } = useAddress();
  const overview = useOverview();
  const cameras = overview.data?.cameras ?? [];
  const chosen =
    params.get("camera") ?? (cameras.find(({ isSynthetic }) => !isSynthetic) ?? cameras[0])?.cameraId;
  const date = params.get("date") ?? dateOf(now());
  const isDate = /^\d{4}-\d\d-\d\d$/.test(date);
  const resource = useResource<DayData>(
    chosen !== undefined && isDate
      ? withQuery(`/api/cameras/${encodeURIComponent(chosen)}/day`, { date })
      : undefined,
  );
  useLive(() => date === dateOf(now()) && resource.reload());
  const goToDate = (next: string | undefined): void => setParams({ date: next, at: undefined }, {});
  useKeys([
    { key: "[", does: "The day before", run: () => goToDate(shiftDate(date, -1)) },
    { key: "]", does: "The day after", run: () => goToDate(shiftDate(date, 1)) },
  ]);

  const options = cameras.map(({ cameraId }) => ({ value: cameraId, name: cameraId }));
  if (chosen !== undefined && !options.some(({ value }) => value === chosen))
    options.push({ value: chosen, name: chosen });
  return (
    <Screen
      title="Day"
      tools={
        <>
          <Select
            name="Camera"
            isNameHidden
            value={chosen ?? ""}
            options={options}
            onChange={(camera) => setParams({ camera, at: undefined }, {})}
          />
          <span class="date-picker">
            <Button icon="left" name="The day before" onClick={() => goToDate(shiftDate(date, -1))} />
            <input
              type="date"
              aria-label="Date"
              value={date}
              onChange={({ currentTarget: { value } }) => value && goToDate(value)}
            />
            <Button icon="right" name="The day after" onClick={() => goToDate(shiftDate(date, 1))} />
          </span>
        </>
      }
    >
      {chosen === undefined ? (
        overview.error && !overview.data ? (
          <Failed error={overview.error} retry={overview.reload} />
        ) : overview.data ? (
          <Empty title="There is no camera yet">
            <p>
              Add one: <code>npx doorstep camera add front-door</code>
            </p>
          </Empty>
        ) : (
          <Loading what="cameras" />
        )
      ) : (
        <Loaded resource={resource} what="the day" lines={5}>
          {(day) => <Timeline key={`${day.cameraId} ${day.date}`} day={day} />}
        </Loaded>
      )}
    </Screen>
  );
}

function Timeline({ day }: { readonly day: DayData }): JSX.Element {
  const { params } = useAddress();
  const given = Number(params.get("at"));
  const isGiven = given >= day.fromMs && given < day.untilMs;
  const [atMs, setAtMs] = useState(isGiven ? given : startOf(day));
  const [first] = useState(() => (isGiven ? { zoom: 3, aroundMs: given } : firstView(day)));
  const [zoom, setZoom] = useState(first.zoom);
  const [aroundMs, setAroundMs] = useState(first.aroundMs);
  const view = viewOf(day, zoom, aroundMs);
  const choose = (ms: number, isFinal = true): void => {
    const within = Math.round(Math.min(day.untilMs - 1, Math.max(day.fromMs, ms)));
    setAtMs(within);
    if (within < view.fromMs || within >= view.untilMs) setAroundMs(within);
    if (isFinal) setParams({ at: String(within) });
  };
  const zoomBy = (step: number): void => {
    setZoom(Math.min(ZOOMS.length - 1, Math.max(0, zoom + step)));
    setAroundMs(atMs);
  };
  const jump = (direction: 1 | -1): void => {
    const next = nextEvent(day, atMs, direction);
    if (next !== undefined) choose(next);
  };
  useKeys([
    { key: "j", does: "Next detection or gap", run: () => jump(1) },
    { key: "k", does: "Previous detection or gap", run: () => jump(-1) },
    { key: "+", does: "Closer", run: () => zoomBy(1) },
    { key: "-", does: "Further away", run: () => zoomBy(-1) },
  ]);
  return (
    <>
      <DayFigures day={day} />
      <section class="card timeline" aria-label="Timeline">
        <div class="timeline-tools">
          <p class="quiet-text">{day.timeZone}</p>
          <Button kind="quiet" icon="left" name="Previous detection or gap" onClick={() => jump(-1)} />
          <Button kind="quiet" icon="right" name="Next detection or gap" onClick={() => jump(1)} />
          <Button
            kind="quiet"
            icon="minus"
            name="Further away"
            disabled={zoom === 0}
            onClick={() => zoomBy(-1)}
          />
          <Button
            kind="quiet"
            icon="plus"
            name="Closer"
            disabled={zoom === ZOOMS.length - 1}
            onClick={() => zoomBy(1)}
          />
        </div>
        <Lanes day={day} view={view} atMs={atMs} onChoose={choose} />
        <Legend day={day} />
      </section>
      <MomentPanel day={day} atMs={atMs} view={view} />
      <Gaps day={day} onChoose={choose} />
    </>
  );
}

/** The day in one line of figures. */
function DayFigures({ day }: { readonly day: DayData }): JSX.Element {
  const { motionMs, analysedMs, missedMs, leftOutMs, labels } = summaryOf(day);
  const accounted = analysedMs + missedMs + leftOutMs;
  return (
    <>
      <dl class="figures">
        <div>
          <dt>Motion</dt>
          <dd>{motionMs > 0 ? durationOf(motionMs) : labels.length > 0 ? "not reported yet" : "none"}</dd>
        </div>
        <div>
          <dt>Analysed</dt>
          <dd>
            {analysedMs === 0 ? "none" : durationOf(analysedMs)}
            {accounted > 0 && <span> {percentOf(analysedMs / accounted)} of motion</span>}
          </dd>
        </div>
        <div>
          <dt>Not analysed</dt>
          <dd class={missedMs > 0 ? "bad" : undefined}>
            {missedMs === 0 ? "none" : durationOf(missedMs)}
            {leftOutMs > 0 && <span> and {durationOf(leftOutMs)} left out on purpose</span>}
          </dd>
        </div>
        <div>
          <dt>Detections</dt>
          <dd class="chips">
            {labels.map(({ label, count }) => (
              <span key={label} class="counted">
                <LabelChip label={label} />
                {count}
              </span>
            ))}
            {labels.length === 0 && "none"}
          </dd>
        </div>
      </dl>
      {day.isCut && <p class="stale">The day has more rows than this page shows. Ask has all of them.</p>}
      {day.video.kind === "unknown" && (
        <p class="note">Which video is kept is not known: {day.video.reason}</p>
      )}
    </>
  );
}

const Legend = ({ day }: { readonly day: DayData }): JSX.Element => (
  <ul class="legend">
    <li>
      <i class="covered" />
      analysed
    </li>
    {day.gaps.some((gap) => !isIntended(gap)) && (
      <li>
        <i class="gap" />
        not analysed
      </li>
    )}
    {day.gaps.some(isIntended) && (
      <li>
        <i class="intended" />
        left out on purpose
      </li>
    )}
    {day.nowMs < day.untilMs && (
      <li>
        <i class="future" />
        still to come
      </li>
    )}
  </ul>
);

/** Why motion was not analysed, by reason and one by one. */
function Gaps({
  day,
  onChoose,
}: {
  readonly day: DayData;
  readonly onChoose: (ms: number) => void;
}): JSX.Element | null {
  const { reasons } = summaryOf(day);
  const clock = clockIn(day.timeZone);
  if (reasons.length === 0) return null;
  return (
    <section class="gaps" aria-labelledby="gaps-head">
      <h2 id="gaps-head">What was not analysed</h2>
      <div class="card">
        {reasons.map(({ reason, words, ms }) => (
          <div key={reason} class="gap-reason">
            <h3>
              <i class={isIntended({ reason }) ? "intended" : "gap"} />
              <b>{durationOf(ms)}</b>: {words}
            </h3>
            <ul>
              {day.gaps
                .filter((gap) => gap.reason === reason)
                .slice(0, MOST_GAPS)
                .map(({ fromMs, untilMs }) => (
                  <li key={fromMs}>
                    <Button kind="quiet" onClick={() => onChoose(fromMs)}>
                      {clock.exact(fromMs)} to {clock.exact(untilMs)}
                    </Button>
                  </li>
                ))}
            </ul>
          </div>
        ))}
      </div>
    </section>
  );
}

const MOST_GAPS = 60;
