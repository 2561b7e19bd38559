import type { JSX } from "preact";
import { Dialog, Switch } from "./parts/controls.tsx";
import { activeKeys, areKeysOn, switchKeys } from "./parts/keys.ts";
import { useStore } from "./parts/store.ts";

const NAMES: Readonly<Record<string, string>> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
};

/** The keys that work on this screen. */
export function KeysDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const isOn = useStore(areKeysOn);
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl class="keys">
        {activeKeys().map(({ key, does }) => (
          <div key={key + does}>
            <dt>
              <kbd>{NAMES[key] ?? key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <Switch name="Single keys" isOn={isOn} onChange={switchKeys} />
    </Dialog>
  );
}
