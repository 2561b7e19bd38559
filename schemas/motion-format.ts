/** What a camera's motion requests look like; `core/motion/formats/` has a reader for each. */
export const MOTION_FORMATS = [
  "standard",
  "hikvision",
  "unifi-protect",
  "onvif",
  "dahua",
  "reolink",
  "generic",
] as const;

export type MotionFormat = (typeof MOTION_FORMATS)[number];

/** Doorstep's own JSON. */
export const DEFAULT_MOTION_FORMAT: MotionFormat = "standard";
