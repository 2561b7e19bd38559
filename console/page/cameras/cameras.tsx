import type { JSX } from "preact";
import { MINUTE_MS } from "../../../base/durations.ts";
import type { CameraView, Cameras as CamerasData } from "../../../schemas/console/cameras.ts";
import { linkTo, setParams, useAddress } from "../parts/address.ts";
import { callApi, useResource, type Resource } from "../parts/api.ts";
import { Badge, LabelChip, Switch } from "../parts/controls.tsx";
import { Time } from "../parts/data.tsx";
import { durationOf } from "../parts/format.ts";
import { useLive } from "../parts/live.ts";
import { Picture } from "../parts/picture.tsx";
import { announce, announceError, Empty, Loaded, Screen } from "../parts/states.tsx";
import { CameraDialog } from "./camera-dialog.tsx";
import { pointsOf } from "./regions.ts";
import { hoursInWords, joinNights } from "./schedule.ts";

/** All cameras: what each sees and does now, whether it is armed, and its settings. */
export function Cameras(): JSX.Element {
  const { params } = useAddress();
  const resource = useResource<CamerasData>("/api/cameras");
  useLive(resource.reload);
  const open = resource.data?.cameras.find(({ cameraId }) => cameraId === params.get("camera"));
  return (
    <Screen title="Cameras">
      <Loaded resource={resource} what="cameras" lines={4}>
        {({ cameras }) =>
          cameras.length === 0 ? (
            <Empty title="There is no camera yet">
              <p>
                Add one: <code>npx doorstep camera add front-door</code>
              </p>
            </Empty>
          ) : (
            <div class="cards">
              {cameras.map((camera) => (
                <CameraCard key={camera.cameraId} camera={camera} resource={resource} />
              ))}
            </div>
          )
        }
      </Loaded>
      {open && (
        <CameraDialog
          camera={open}
          onSaved={resource.reload}
          onClose={() => setParams({ camera: undefined })}
        />
      )}
    </Screen>
  );
}

function CameraCard({
  camera,
  resource,
}: {
  readonly camera: CameraView;
  readonly resource: Resource<CamerasData>;
}): JSX.Element {
  const { cameraId, armed, labels, latestFrame, engine, schedule, regions, failure } = camera;
  const arm = (isOn: boolean): void => {
    callApi("POST", `/api/cameras/${encodeURIComponent(cameraId)}/${isOn ? "arm" : "disarm"}`)
      .then(() => announce(isOn ? `${cameraId} is armed` : `${cameraId} is disarmed`), announceError)
      .finally(resource.reload);
  };
  return (
    <article class="card camera" aria-labelledby={`camera-${cameraId}`}>
      <div class="camera-picture">
        <Picture src={latestFrame?.url} alt="" outlines={regions.map(pointsOf)} missing="No picture yet" />
        {latestFrame && (
          <p class="on-picture">
            <Time ms={latestFrame.atMs} relative />
          </p>
        )}
      </div>
      <div class="chain-text">
        <h2>
          <span id={`camera-${cameraId}`}>{cameraId}</span>
          <Switch name={`Armed: ${cameraId}`} isNameHidden isOn={armed} onChange={arm} />
        </h2>
        <p class="chips">
          <StateBadge camera={camera} />
          {Object.entries(labels).map(([label, confidence]) => (
            <LabelChip key={label} label={label} confidence={confidence} />
          ))}
        </p>
        <BudgetBar camera={camera} />
        {failure !== undefined && <p class="failure">{failure}</p>}
        <p class="chain-foot">
          <span>
            {engine}
            {regions.length > 0 && ` · ${regions.length === 1 ? "1 region" : `${regions.length} regions`}`}
            {schedule && ` · ${scheduleInWords(schedule)}`}
          </span>
          <span class="camera-links">
            <a href={linkTo("day", { camera: cameraId })}>Day</a>
            <a href={linkTo("cameras", { camera: cameraId })} aria-label={`Settings of ${cameraId}`}>
              Settings
            </a>
          </span>
        </p>
      </div>
    </article>
  );
}

function scheduleInWords(schedule: NonNullable<CameraView["schedule"]>): string {
  const [first, ...more] = joinNights(schedule);
  if (!first) return "never armed";
  return `${hoursInWords(first)}${more.length > 0 ? ` and ${more.length} more` : ""}`;
}

/** What the camera does now, in a word or two. */
function StateBadge({ camera }: { readonly camera: CameraView }): JSX.Element {
  const { armed, isArmedNow, blocked, state } = camera;
  if (!armed) return <Badge>disarmed</Badge>;
  if (blocked === "budget") return <Badge tone="bad">budget used up</Badge>;
  if (!isArmedNow || blocked === "schedule") return <Badge>outside its hours</Badge>;
  if (state === "running" || state === "starting") return <Badge tone="accent">analysing</Badge>;
  if (state === "failed") return <Badge tone="bad">last session failed</Badge>;
  return <Badge tone="good">armed</Badge>;
}

/** How much of the day's budget is used. */
function BudgetBar({ camera: { budget, cameraId } }: { readonly camera: CameraView }): JSX.Element {
  const { usedMinutes, limitMinutes } = budget;
  const used = durationOf(usedMinutes * MINUTE_MS);
  if (limitMinutes === undefined) return <p class="budget-text">{used} analysed today, no limit</p>;
  const share = limitMinutes === 0 ? 1 : Math.min(1, usedMinutes / limitMinutes);
  return (
    <div class="budget">
      <p class="budget-text">
        {used} of {limitMinutes} min analysed today
      </p>
      <div
        class="meter"
        role="meter"
        aria-label={`Budget of ${cameraId}`}
        aria-valuemin={0}
        aria-valuemax={limitMinutes}
        aria-valuenow={Math.min(usedMinutes, limitMinutes)}
        aria-valuetext={`${used} of ${limitMinutes} min`}
      >
        <i class={share >= 1 ? "full" : undefined} style={{ width: `${share * 100}%` }} />
      </div>
    </div>
  );
}
