import type { JSX } from "preact";

/** Outlines in a square of 24; they take the colour of the text. */
const PATHS = {
  activity: "M4 6h16v12H4zM4 14l4-4 4 4 3-3 5 4M15.5 9.5h.01",
  day: "M3 7h18M3 12h18M3 17h18M7 5v4M14 10v4M18 15v4M10 15v4",
  try: "M4 8h11v9H4zM15 11l5-3v9l-5-3M8 4l2 2 2-2",
  ask: "M4 6c0-1.7 3.6-3 8-3s8 1.3 8 3-3.6 3-8 3-8-1.3-8-3zM4 6v12c0 1.7 3.6 3 8 3s8-1.3 8-3V6M4 12c0 1.7 3.6 3 8 3s8-1.3 8-3",
  flow: "M4 4h5v5H4zM15 15h5v5h-5zM15 4h5v5h-5zM9 6.5h6M17.5 9v6M9 6.5l8.5 8.5",
  cameras: "M12 4a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM12 8a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM12 16v4M7 20h10",
  check: "M5 12.5l4.5 4.5L19 7.5",
  play: "M8 5l11 7-11 7z",
  close: "M6 6l12 12M18 6L6 18",
  left: "M14 6l-6 6 6 6",
  right: "M10 6l6 6-6 6",
  plus: "M12 6v12M6 12h12",
  minus: "M6 12h12",
  theme: "M12 4a8 8 0 1 0 0 16zM12 4a8 8 0 0 1 0 16",
  keys: "M3 7h18v10H3zM7 11h.01M11 11h.01M15 11h.01M8 14h8",
  alert: "M12 4L3 19h18zM12 10v4M12 16.5h.01",
} as const;

export type IconName = keyof typeof PATHS;

export const Icon = ({ name }: { readonly name: IconName }): JSX.Element => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
    <path d={PATHS[name]} />
  </svg>
);
