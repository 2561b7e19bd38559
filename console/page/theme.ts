import { createStore } from "./parts/store.ts";

export type Theme = "system" | "light" | "dark";

const STORED = "doorstep-theme";

/** The chosen theme; `system` follows the browser. */
export const theme = createStore<Theme>(stored());

function stored(): Theme {
  const value = localStorage.getItem(STORED);
  return value === "light" || value === "dark" ? value : "system";
}

export function applyStoredTheme(): void {
  const chosen = theme.get();
  if (chosen === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = chosen;
}

export function chooseTheme(chosen: Theme): void {
  localStorage.setItem(STORED, chosen);
  theme.set(chosen);
  applyStoredTheme();
}
