/** The console's screens; each has the address `/<id>`. */
export const SCREEN_IDS = ["activity", "day", "try", "ask", "flow", "cameras"] as const;

export type ScreenId = (typeof SCREEN_IDS)[number];
