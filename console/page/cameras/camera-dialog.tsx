import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { CameraView, SettingsBody } from "../../../schemas/console/cameras.ts";
import { callApi, type ApiError } from "../parts/api.ts";
import { Button, Dialog, Segments } from "../parts/controls.tsx";
import { Facts } from "../parts/data.tsx";
import { announce, Failed } from "../parts/states.tsx";
import { RegionEditor } from "./region-editor.tsx";
import type { Region } from "./regions.ts";
import { HoursEditor } from "./hours-editor.tsx";
import { joinNights, splitNights, type Hours } from "./schedule.ts";

const TIME_ZONES = Intl.supportedValuesOf("timeZone");
const EVENINGS: Hours = {
  days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
  from: "18:00",
  until: "06:00",
};

/** A camera's settings that people change: where to detect, and when. */
export function CameraDialog({
  camera,
  onSaved,
  onClose,
}: {
  readonly camera: CameraView;
  readonly onSaved: () => void;
  readonly onClose: () => void;
}): JSX.Element {
  const { cameraId, latestFrame } = camera;
  const [regions, setRegions] = useState<readonly Region[]>(camera.regions);
  const [hours, setHours] = useState<readonly Hours[] | undefined>(
    camera.schedule && joinNights(camera.schedule),
  );
  const [timeZone, setTimeZone] = useState(camera.timeZone);
  const [isSaving, setIsSaving] = useState(false);
  const [error, setError] = useState<ApiError>();
  const save = (): void => {
    const settings: SettingsBody = {
      schedule: hours ? splitNights(hours) : null,
      timeZone,
      regions: [...regions],
    };
    setIsSaving(true);
    setError(undefined);
    callApi("PUT", `/api/cameras/${encodeURIComponent(cameraId)}/settings`, settings).then(
      () => {
        announce(`Saved the settings of ${cameraId}`);
        onSaved();
        onClose();
      },
      (problem: ApiError) => {
        setIsSaving(false);
        setError(problem);
      },
    );
  };
  return (
    <Dialog title={cameraId} onClose={onClose} size="large">
      <div class="chain-whole">
        <section aria-labelledby="regions-head">
          <h3 id="regions-head">Where to detect</h3>
          <RegionEditor frame={latestFrame?.url} regions={regions} onChange={setRegions} />
        </section>
        <div class="chain-side">
          <section class="hours" aria-labelledby="hours-head">
            <h3 id="hours-head">When to analyse</h3>
            <Segments
              name="When to analyse"
              value={hours ? "hours" : "always"}
              options={[
                { value: "always", name: "Always" },
                { value: "hours", name: "In these hours" },
              ]}
              onChange={(chosen) => setHours(chosen === "always" ? undefined : (hours ?? [EVENINGS]))}
            />
            {hours && <HoursEditor hours={hours} onChange={setHours} />}
            <label class="field below">
              Time zone of the camera
              <input
                list="time-zones"
                value={timeZone}
                onInput={({ currentTarget: { value } }) => setTimeZone(value)}
              />
            </label>
            <datalist id="time-zones">
              {TIME_ZONES.map((zone) => (
                <option key={zone} value={zone} />
              ))}
            </datalist>
          </section>
          <section aria-labelledby="more-head">
            <h3 id="more-head">Set by the command line</h3>
            <Facts
              rows={[
                ["Engine", camera.engine],
                ["Stream", camera.streamName],
                ["Sessions", `at most ${camera.maxDurationSeconds} s each`],
                ["Motion", camera.motionFormat],
                ["Faces", camera.faces ? "searched" : "not searched"],
                ["Tags", Object.entries(camera.tags).map(([key, value]) => `${key}=${value}`).join(", ") || "none"],
              ]} // prettier-ignore
            />
          </section>
        </div>
      </div>
      {error && <Failed error={error} />}
      <div class="dialog-foot">
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="main" onClick={save} disabled={isSaving}>
          {isSaving ? "Saving" : "Save"}
        </Button>
      </div>
    </Dialog>
  );
}
