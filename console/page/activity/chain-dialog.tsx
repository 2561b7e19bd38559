import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Chain, Detection } from "../../../schemas/console/chains.ts";
import { linkTo, setParams } from "../parts/address.ts";
import { Clip } from "../parts/clip.tsx";
import { Button, Dialog, LabelChip } from "../parts/controls.tsx";
import { Facts, Time } from "../parts/data.tsx";
import { dateOf, durationOf, exactTimeOf, labelName } from "../parts/format.ts";
import { Picture } from "../parts/picture.tsx";
import { useKeys } from "../parts/keys.ts";
import { People } from "./card.tsx";
import { clipOf, coverOf } from "./feed.ts";

/** A motion whole: its video from the first detection, each detection with its picture, and where to go from it. */
export function ChainDialog({
  chain,
  position: { newer, older },
  setReviewed,
  onClose,
}: {
  readonly chain: Chain;
  readonly position: { readonly newer?: string; readonly older?: string };
  readonly setReviewed: (chainId: string, isReviewed: boolean) => void;
  readonly onClose: () => void;
}): JSX.Element {
  const { chainId, cameraId, startedAtMs, endedAtMs, detections, isReviewed } = chain;
  const [chosen, setChosen] = useState<Detection | undefined>(coverOf(chain));
  const [playFromMs, setPlayFromMs] = useState<number>();
  const firstMs = detections[0]?.detectedAtMs ?? startedAtMs;
  const play = (): void => setPlayFromMs(chosen?.detectedAtMs ?? firstMs);
  useKeys([{ key: "p", does: "Play the video", run: play, inDialog: true }]);
  return (
    <Dialog title={`${cameraId}, ${exactTimeOf(startedAtMs)}`} onClose={onClose} size="large">
      <div class="chain-whole">
        <div class="stage">
          {playFromMs === undefined ? (
            <>
              <Picture
                src={chosen?.frame ?? chosen?.crop}
                alt={chosen ? `${labelName(chosen.label)} at ${cameraId}` : ""}
                boxes={boxesOf(detections, chosen)}
                missing={detections.length === 0 ? "Nothing was detected" : "No picture was stored"}
                isEager
              />
              <div class="stage-foot">
                <Button kind="main" icon="play" onClick={play}>
                  Play{" "}
                  {chosen && chosen !== detections[0] ? "from this detection" : "from the first detection"}
                </Button>
              </div>
            </>
          ) : (
            <>
              <Clip key={playFromMs} cameraId={cameraId} {...clipOf(chain, playFromMs)} />
              <div class="stage-foot">
                <Button onClick={() => setPlayFromMs(undefined)}>Back to the picture</Button>
              </div>
            </>
          )}
        </div>
        <div class="chain-side">
          <p class="chips">
            <People chain={chain} />
          </p>
          <Facts
            rows={[
              ["Began", <Time key="began" ms={startedAtMs} />],
              ["Lasted", endedAtMs === undefined ? "running, or not reported yet" : durationOf(Math.max(0, endedAtMs - startedAtMs))],
              ["Sessions", `${chain.sessions}${chain.engine ? `, ${chain.engine}` : ""}`],
            ]} // prettier-ignore
          />
          <h3>
            {chain.detectionCount === 0
              ? "No detections"
              : `Detections${chain.detectionCount > detections.length ? `, the first ${detections.length} of ${chain.detectionCount}` : ""}`}
          </h3>
          <ul class="detections">
            {detections.map((detection, index) => (
              <li key={index}>
                <button
                  type="button"
                  aria-pressed={detection === chosen}
                  onClick={() => {
                    setChosen(detection);
                    setPlayFromMs((at) => (at === undefined ? undefined : detection.detectedAtMs));
                  }}
                >
                  <LabelChip label={detection.label} confidence={detection.confidence ?? undefined} />
                  <span class="offset">+{((detection.detectedAtMs - startedAtMs) / 1000).toFixed(1)} s</span>
                </button>
              </li>
            ))}
          </ul>
          <div class="chain-actions">
            <Button icon="check" pressed={isReviewed} onClick={() => setReviewed(chainId, !isReviewed)}>
              {isReviewed ? "Reviewed" : "Mark as reviewed"}
            </Button>
            <a
              class="button"
              href={linkTo("day", { camera: cameraId, date: dateOf(startedAtMs), at: String(firstMs) })}
            >
              See its day
            </a>
            <span class="pager">
              <Button
                icon="left"
                name="Newer motion"
                disabled={newer === undefined}
                onClick={() => setParams({ chain: newer })}
              />
              <Button
                icon="right"
                name="Older motion"
                disabled={older === undefined}
                onClick={() => setParams({ chain: older })}
              />
            </span>
          </div>
        </div>
      </div>
    </Dialog>
  );
}

/** All boxes on the chosen detection's frame, the others faintly. */
const boxesOf = (detections: readonly Detection[], chosen: Detection | undefined) =>
  chosen?.frame === undefined
    ? []
    : detections
        .filter(({ frame }) => frame === chosen.frame)
        .flatMap((detection) =>
          detection.box ? { label: detection.label, box: detection.box, isFaint: detection !== chosen } : [],
        );
