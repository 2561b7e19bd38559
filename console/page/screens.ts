import type { ScreenId } from "../../schemas/console/screens.ts";

export type { ScreenId };

/** The screens in the order of the navigation. */
export const SCREENS: readonly { readonly id: ScreenId; readonly name: string; readonly short?: string }[] = [
  { id: "activity", name: "Activity" },
  { id: "day", name: "Day" },
  { id: "cameras", name: "Cameras" },
  { id: "try", name: "Try a camera", short: "Try" },
  { id: "ask", name: "Ask" },
  { id: "flow", name: "Flow" },
];
