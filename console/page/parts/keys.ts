import { useLayoutEffect, useRef } from "preact/hooks";
import { createStore } from "./store.ts";

/** A key of a screen, as the list of keys shows it. */
export interface KeyBinding {
  readonly key: string;
  readonly does: string;
  readonly run: (event: KeyboardEvent) => void;
  /** Works while a dialog is open, too. */
  readonly inDialog?: boolean;
}

type Bindings = { readonly current: readonly KeyBinding[] };

const active = new Set<Bindings>();
const STORED = "doorstep-keys";

/** Single keys can be switched off: they get in the way of speech input. */
export const areKeysOn = createStore(localStorage.getItem(STORED) !== "off");

export function switchKeys(isOn: boolean): void {
  localStorage.setItem(STORED, isOn ? "on" : "off");
  areKeysOn.set(isOn);
}

/** All keys that work now. */
export const activeKeys = (): KeyBinding[] => [...active].flatMap(({ current }) => current);

/** Adds keys while the component is shown, and before its first frame is: a key that is pressed then counts. */
export function useKeys(bindings: readonly KeyBinding[]): void {
  const latest = useRef(bindings);
  latest.current = bindings;
  useLayoutEffect(() => {
    active.add(latest);
    return () => void active.delete(latest);
  }, []);
}

const TYPING = "input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]";

/** Runs the bindings of the key that is pressed, the latest component's first. */
export function listenToKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!areKeysOn.get() && event.key.length === 1) return;
    const target = event.target as Element;
    if (target.matches(TYPING)) return;
    // Enter and space act on what has the focus.
    if (/^(Enter| )$/.test(event.key) && target.matches("a, button, summary, video, input, [role=button]"))
      return;
    const isDialogOpen = document.querySelector("dialog[open]") !== null;
    const binding = activeKeys().findLast(
      ({ key, inDialog = false }) => key === event.key && (inDialog || !isDialogOpen),
    );
    if (!binding) return;
    event.preventDefault();
    binding.run(event);
  });
}
