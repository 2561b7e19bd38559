import { html, type Markup } from "./html.ts";
import { hueOf } from "./palette.ts";
import { percent, seconds, time } from "./units.ts";

/** A detection and its frame, if that could be fetched. */
export interface Evidence {
  readonly cameraId: string;
  readonly label: string;
  readonly detectedAtMs: number;
  /** 0 to 100. */
  readonly confidence: number | null;
  readonly timeToDetectionMs: number | null;
  /** 0..1 of the frame. */
  readonly box: {
    readonly left: number;
    readonly top: number;
    readonly width: number;
    readonly height: number;
  };
  readonly frameImageUri: string;
  readonly image:
    | { readonly kind: "embedded"; readonly dataUri: string }
    | { readonly kind: "missing"; readonly why: string };
}

/** Frames with their boxes; a missing frame shows the reason. */
export const gallery = (evidence: readonly Evidence[], labels: readonly string[]): Markup =>
  html`<ul class="gallery">
    ${evidence.map((one) => html`<li>${picture(one, labels)}${caption(one)}</li>`)}
  </ul>`;

function picture({ image, box, label, cameraId }: Evidence, labels: readonly string[]): Markup {
  if (image.kind === "missing") return html`<div class="missing"><span>${image.why}</span></div>`;
  const { left, top, width, height } = box;
  const sides = html`x="${left}" y="${top}" width="${width}" height="${height}"`;
  return html`<div class="frame hue-${hueOf(label, labels)}">
    <img src="${image.dataUri}" alt="${label} at ${cameraId}" />
    <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
      <rect class="halo" ${sides} />
      <rect ${sides} />
    </svg>
  </div>`;
}

const caption = ({ label, cameraId, confidence, timeToDetectionMs, detectedAtMs }: Evidence): Markup =>
  html`<p><strong>${label}</strong> ${cameraId}</p>
    <p class="note">
      ${confidence === null ? "no confidence" : `confidence ${percent(confidence / 100)}`}${
        timeToDetectionMs !== null && `, ${seconds(timeToDetectionMs)} after the start`
      }<br />${time(detectedAtMs)}
    </p>`;
