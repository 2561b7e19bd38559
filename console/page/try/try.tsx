import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { TryClip, TryLog, TryMotion } from "../../../schemas/console/tries.ts";
import { useOverview } from "../overview.ts";
import { setParams, useAddress } from "../parts/address.ts";
import { callApi, useResource, withQuery, type ApiError } from "../parts/api.ts";
import { after } from "../parts/clock.ts";
import { Button, Select } from "../parts/controls.tsx";
import { Json } from "../parts/data.tsx";
import { durationOf } from "../parts/format.ts";
import { useLive } from "../parts/live.ts";
import { Empty, Failed, Loaded, Screen } from "../parts/states.tsx";
import { Attempts } from "./attempts.tsx";
import { DropZone } from "./drop-zone.tsx";
import { Way } from "./way.tsx";

/** How often the log is read: the local cloud's calls are free, AWS allows few calls a second. */
const READ_AGAIN_MS = { local: 2000, aws: 10_000 } as const;

/** For the developer of a camera: its requests with verdicts, a test motion, a clip, and the way to the lake. */
export function Try(): JSX.Element {
  const { params } = useAddress();
  const { data: overview } = useOverview();
  const cameras = overview?.cameras ?? [];
  const camera = params.get("camera") ?? cameras[0]?.cameraId;
  const log = useResource<TryLog>(withQuery("/api/tries/log", { camera }));
  const [isPaused, setIsPaused] = useState(false);
  useLive(log.reload);
  useEffect(() => {
    if (isPaused || log.isLoading) return undefined;
    return after(READ_AGAIN_MS[overview?.cloud ?? "local"], log.reload);
  }, [isPaused, log.isLoading, log.data, log.error, overview?.cloud]);

  if (overview && cameras.length === 0)
    return (
      <Screen title="Try a camera">
        <Empty title="There is no camera yet">
          <p>
            Add one, and this page shows its requests: <code>npx doorstep camera add front-door</code>
          </p>
        </Empty>
      </Screen>
    );
  return (
    <Screen
      title="Try a camera"
      tools={
        <Select
          name="Camera"
          isNameHidden
          value={camera ?? ""}
          options={cameras.map(({ cameraId }) => ({ value: cameraId, name: cameraId }))}
          onChange={(value) => setParams({ camera: value })}
        />
      }
    >
      {camera !== undefined && <Actions key={camera} camera={camera} onDone={log.reload} />}
      <div class="try">
        <section aria-labelledby="try-log">
          <div class="try-head">
            <h2 id="try-log">Requests</h2>
            <Button kind="quiet" pressed={isPaused} onClick={() => setIsPaused(!isPaused)}>
              {isPaused ? "Go on" : "Pause"}
            </Button>
          </div>
          <Loaded resource={log} what="requests" lines={4}>
            {({ attempts }) => <Attempts attempts={attempts} camera={camera} />}
          </Loaded>
        </section>
        <section aria-labelledby="try-way">
          <div class="try-head">
            <h2 id="try-way">The latest motion’s way</h2>
          </div>
          <Loaded resource={log} what="the way" lines={4}>
            {({ way }) => <Way way={way} />}
          </Loaded>
        </section>
      </div>
    </Screen>
  );
}

type Outcome =
  | { readonly kind: "motion"; readonly result: TryMotion }
  | { readonly kind: "clip"; readonly result: TryClip }
  | { readonly kind: "failed"; readonly error: ApiError };

/** What can be sent in the camera's place. */
function Actions({ camera, onDone }: { readonly camera: string; readonly onDone: () => void }): JSX.Element {
  const [busy, setBusy] = useState<string>();
  const [outcome, setOutcome] = useState<Outcome>();
  const act = <T extends Outcome>(words: string, run: Promise<T>): void => {
    setBusy(words);
    setOutcome(undefined);
    run
      .then(setOutcome, (error: ApiError) => setOutcome({ kind: "failed", error }))
      .finally(() => {
        setBusy(undefined);
        onDone();
      });
  };
  const motion = (verb: "start" | "stop"): void =>
    act(
      "Sending the request",
      callApi<TryMotion>("POST", "/api/tries/motion", { camera, verb }).then((result) => ({
        kind: "motion",
        result,
      })),
    );
  const drop = (file: File): void =>
    act(
      `Uploading ${file.name}`,
      callApi<TryClip>("POST", withQuery("/api/tries/clip", { camera, name: file.name }), bytesIn(file)).then(
        (result) => ({ kind: "clip", result }),
      ),
    );
  return (
    <div class="try-actions">
      <div class="try-motion">
        <h2>Send in its place</h2>
        <p class="quiet-text">A signed motion request, as {camera} would send it.</p>
        <div class="try-buttons">
          <Button kind="main" disabled={busy !== undefined} onClick={() => motion("start")}>
            Motion started
          </Button>
          <Button disabled={busy !== undefined} onClick={() => motion("stop")}>
            Motion ended
          </Button>
        </div>
      </div>
      <DropZone isBusy={busy !== undefined} onFile={drop} />
      <div class="try-outcome" role="status" aria-live="polite">
        {busy !== undefined && <p>{busy} …</p>}
        {outcome?.kind === "failed" && <Failed error={outcome.error} />}
        {outcome?.kind === "motion" && (
          <details>
            <summary>
              The motion API responded <b>{outcome.result.status}</b>
            </summary>
            <Json value={outcome.result.response} name="The response" />
          </details>
        )}
        {outcome?.kind === "clip" && <p>{clipWords(outcome.result)}</p>}
      </div>
    </div>
  );
}

/** Browsers name the types of clips differently, and some not at all. */
const bytesIn = (file: File): Blob => file.slice(0, file.size, "application/octet-stream");

function clipWords({ fragments, fromMs, untilMs, motion }: TryClip): string {
  const length =
    fromMs === undefined || untilMs === undefined ? "" : `${durationOf(untilMs - fromMs)} of video, `;
  return `${length}${fragments} fragments stored${motion ? ", and its motion reported" : ""}.`;
}
