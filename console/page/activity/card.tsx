import type { JSX } from "preact";
import type { Chain } from "../../../schemas/console/chains.ts";
import { Badge, Button, LabelChip } from "../parts/controls.tsx";
import { durationOf, labelName, timeOf } from "../parts/format.ts";
import { Picture } from "../parts/picture.tsx";
import { coverOf, labelsOf } from "./feed.ts";

/** A motion: its first picture, what was detected, who was recognised, and whether a person has reviewed it. */
export function ChainCard({
  chain,
  href,
  isNew,
  isEager,
  setReviewed,
}: {
  readonly chain: Chain;
  readonly href: string;
  readonly isNew: boolean;
  readonly isEager: boolean;
  readonly setReviewed: (chainId: string, isReviewed: boolean) => void;
}): JSX.Element {
  const { chainId, cameraId, startedAtMs, endedAtMs, detections, isReviewed } = chain;
  const cover = coverOf(chain);
  const labels = labelsOf(detections);
  const isOfFrame = cover?.frame !== undefined;
  const boxes = detections.flatMap(({ label, box, frame }) =>
    isOfFrame && box && frame === cover.frame ? { label, box } : [],
  );
  const title = `${labels.map(({ label }) => labelName(label)).join(", ") || "Motion"} at ${cameraId}`;
  return (
    <article class={`chain card${isReviewed ? " reviewed" : ""}${isNew ? " new" : ""}`}>
      <Picture
        src={cover?.frame ?? cover?.crop}
        alt=""
        boxes={boxes}
        isEager={isEager}
        missing={detections.length === 0 ? "Nothing was detected" : "No picture was stored"}
      />
      <div class="chain-text">
        <h3>
          <a href={href} data-chain={chainId}>
            <span class="sr-only">{isReviewed ? "" : "To review: "}</span>
            {cameraId}
            <span class="sr-only">: {title}</span>
          </a>
          <time dateTime={new Date(startedAtMs).toISOString()}>{timeOf(startedAtMs)}</time>
        </h3>
        <p class="chips">
          {labels.map(({ label, confidence }) => (
            <LabelChip key={label} label={label} confidence={confidence} />
          ))}
          {labels.length === 0 && <Badge>no detection</Badge>}
          <People chain={chain} />
        </p>
        <p class="chain-foot">
          <span>
            {endedAtMs === undefined ? "running" : durationOf(Math.max(0, endedAtMs - startedAtMs))}
            {chain.detectionCount > 1 && ` · ${chain.detectionCount} detections`}
            {chain.isSynthetic && " · synthetic"}
          </span>
          <Button
            kind="quiet"
            icon="check"
            name={isReviewed ? `Reviewed: ${title}` : `Mark as reviewed: ${title}`}
            pressed={isReviewed}
            onClick={() => setReviewed(chainId, !isReviewed)}
          />
        </p>
      </div>
    </article>
  );
}

/** Persons, unknown faces and the alert of a chain, as badges. */
export const People = ({ chain }: { readonly chain: Chain }): JSX.Element => (
  <>
    {chain.persons.map(({ personId, name }) => (
      <Badge key={personId} tone="accent">
        {name ?? personId}
      </Badge>
    ))}
    {chain.unknownFaces > 0 && (
      <Badge>{chain.unknownFaces === 1 ? "unknown face" : `${chain.unknownFaces} unknown faces`}</Badge>
    )}
    {chain.alert && <Badge tone="bad">alert: {chain.alert.severity}</Badge>}
  </>
);
