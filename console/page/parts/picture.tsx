import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { hueOf } from "./format.ts";

/** Of the frame, 0..1. */
interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface LabelledBox {
  readonly label: string;
  readonly box: Box;
  /** Drawn faintly beside one that is not. */
  readonly isFaint?: boolean;
}

/** Corners of a region. */
export type Outline = readonly { readonly x: number; readonly y: number }[];

/** A picture whole, with boxes and regions on it; words if there is none, or if it is gone. */
export function Picture({
  src,
  alt,
  boxes = [],
  outlines = [],
  missing = "No picture was stored",
  isEager = false,
}: {
  readonly src: string | undefined;
  readonly alt: string;
  readonly boxes?: readonly LabelledBox[];
  readonly outlines?: readonly Outline[];
  readonly missing?: string;
  readonly isEager?: boolean;
}): JSX.Element {
  const [size, setSize] = useState<{ readonly width: number; readonly height: number }>();
  const [isGone, setIsGone] = useState(false);
  useEffect(() => setIsGone(false), [src]);
  if (src === undefined || isGone)
    return (
      <div class="picture missing">
        <span>{src === undefined ? missing : "The picture is no longer stored"}</span>
      </div>
    );
  return (
    <div class="picture">
      <img
        src={src}
        alt={alt}
        loading={isEager ? "eager" : "lazy"}
        decoding="async"
        onLoad={({ currentTarget: { naturalWidth: width, naturalHeight: height } }) =>
          setSize({ width, height })
        }
        onError={() => setIsGone(true)}
      />
      {size && boxes.length + outlines.length > 0 && (
        // The same fit as the picture's `object-fit: contain`.
        <svg
          viewBox={`0 0 ${size.width} ${size.height}`}
          preserveAspectRatio="xMidYMid meet"
          aria-hidden="true"
        >
          {outlines.map((outline, index) => (
            <polygon
              key={index}
              points={outline.map(({ x, y }) => `${x * size.width},${y * size.height}`).join(" ")}
            />
          ))}
          {boxes.map(({ label, box, isFaint }, index) => {
            const sides = {
              x: box.left * size.width,
              y: box.top * size.height,
              width: box.width * size.width,
              height: box.height * size.height,
            };
            return (
              <g key={index} class={`hue-${hueOf(label)}${isFaint ? " faint" : ""}`}>
                <rect class="halo" {...sides} />
                <rect {...sides} />
              </g>
            );
          })}
        </svg>
      )}
    </div>
  );
}
