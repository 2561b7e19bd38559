import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { MINUTE_MS, SECOND_MS } from "../../../base/durations.ts";
import type { Day } from "../../../schemas/console/day.ts";
import { useOverview } from "../overview.ts";
import { linkTo } from "../parts/address.ts";
import { Clip } from "../parts/clip.tsx";
import { Badge, Button, LabelChip } from "../parts/controls.tsx";
import { Facts } from "../parts/data.tsx";
import { clockIn, durationOf, labelName } from "../parts/format.ts";
import { useKeys } from "../parts/keys.ts";
import { Picture } from "../parts/picture.tsx";
import { momentOf, type Interval } from "./timeline.ts";

const BEFORE_MS = 2 * SECOND_MS;

/** What was so at the cursor: the picture, what is known of the video and its analysis, and the video itself. */
export function MomentPanel({
  day,
  atMs,
  view,
}: {
  readonly day: Day;
  readonly atMs: number;
  readonly view: Interval;
}): JSX.Element {
  const [playFromMs, setPlayFromMs] = useState<number>();
  const clock = clockIn(day.timeZone);
  const moment = momentOf(day, atMs, Math.max(SECOND_MS, (view.untilMs - view.fromMs) / 200));
  const { detection, session, gap, alerts, isMotion, isVideoKept } = moment;
  const canPlay = isVideoKept !== false;
  const play = (): void => setPlayFromMs(canPlay ? Math.max(day.fromMs, atMs - BEFORE_MS) : undefined);
  useKeys([{ key: "p", does: "Play the video from the cursor", run: play }]);
  const chainId = detection?.chainId ?? session?.chainId;
  const overview = useOverview().data;
  const isSynthetic = overview?.cameras.some((one) => one.cameraId === day.cameraId && one.isSynthetic);
  return (
    <section class="moment" aria-labelledby="moment-head">
      <div class="stage">
        {playFromMs !== undefined ? (
          <Clip key={playFromMs} cameraId={day.cameraId} fromMs={playFromMs} toMs={playFromMs + MINUTE_MS} />
        ) : (
          <Picture
            src={detection?.frame ?? detection?.crop}
            alt={detection ? `${labelName(detection.label)} at ${clock.exact(detection.detectedAtMs)}` : ""}
            boxes={detection?.box && detection.frame ? [{ label: detection.label, box: detection.box }] : []}
            missing={detection ? "No picture was stored" : "No detection close to this time"}
            isEager
          />
        )}
      </div>
      <div class="chain-side">
        <h2 id="moment-head">{clock.exact(atMs)}</h2>
        <p class="chips">
          {detection && <LabelChip label={detection.label} confidence={detection.confidence ?? undefined} />}
          {alerts.map(({ alertId, severity }) => (
            <Badge key={alertId} tone="bad">
              alert: {severity}
            </Badge>
          ))}
        </p>
        <Facts
          rows={[
            ["Video", isVideoKept === undefined ? "not known" : isVideoKept ? "kept" : "not kept"],
            ["Motion", isMotion ? "yes" : detection ? "not reported yet" : "no"],
            [
              "Analysed",
              session
                ? `yes${session.engine ? `, by ${session.engine}` : ""}: ${clock.exact(session.fromMs)}, ${durationOf(session.untilMs - session.fromMs)}`
                : gap
                  ? `no: ${gap.words}`
                  : isMotion || detection
                    ? "not reported yet"
                    : "there was no motion",
            ],
          ]}
        />
        <div class="chain-actions">
          {playFromMs === undefined ? (
            <Button kind="main" icon="play" disabled={!canPlay} onClick={play}>
              Play from here
            </Button>
          ) : (
            <Button onClick={() => setPlayFromMs(undefined)}>Back to the picture</Button>
          )}
          {chainId !== undefined && (
            <a
              class="button"
              href={linkTo("activity", {
                camera: day.cameraId,
                chain: chainId,
                synthetic: isSynthetic ? "true" : undefined,
              })}
            >
              Open the motion
            </a>
          )}
        </div>
      </div>
    </section>
  );
}
