import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { after } from "./clock.ts";
import { hueOf, labelName } from "./format.ts";
import { Icon, type IconName } from "./icons.tsx";

export const Button = ({
  kind = "plain",
  icon,
  name,
  children,
  ...rest
}: {
  readonly kind?: "plain" | "main" | "quiet" | "danger";
  readonly icon?: IconName;
  /** What a screen reader says; needed if there are no children. */
  readonly name?: string;
  readonly children?: ComponentChildren;
  readonly onClick?: (event: MouseEvent) => void;
  readonly disabled?: boolean;
  readonly type?: "button" | "submit";
  readonly pressed?: boolean;
  readonly class?: string;
}): JSX.Element => {
  const { pressed, class: more, ...attributes } = rest;
  return (
    <button
      type="button"
      {...attributes}
      class={`button ${kind}${children === undefined ? " icon-only" : ""} ${more ?? ""}`}
      aria-label={name}
      title={children === undefined ? name : undefined}
      aria-pressed={pressed}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
};

/** A choice of one, by the browser's own control. */
export const Select = ({
  name,
  value,
  options,
  onChange,
  isNameHidden = false,
}: {
  readonly name: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly name: string }[];
  readonly onChange: (value: string) => void;
  readonly isNameHidden?: boolean;
}): JSX.Element => (
  <label class="field">
    <span class={isNameHidden ? "sr-only" : undefined}>{name}</span>
    <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
      {options.map((option) => (
        <option key={option.value} value={option.value} selected={option.value === value}>
          {option.name}
        </option>
      ))}
    </select>
  </label>
);

/** A switch between on and off. */
export const Switch = ({
  name,
  isOn,
  onChange,
  disabled = false,
  isNameHidden = false,
}: {
  readonly name: string;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
  readonly disabled?: boolean;
  readonly isNameHidden?: boolean;
}): JSX.Element => (
  <label class="switch">
    <input
      type="checkbox"
      role="switch"
      checked={isOn}
      disabled={disabled}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
    <span class={isNameHidden ? "sr-only" : undefined}>{name}</span>
  </label>
);

/** Choices of which one holds, side by side. */
export function Segments<V extends string>({
  name,
  value,
  options,
  onChange,
}: {
  readonly name: string;
  readonly value: V;
  readonly options: readonly { readonly value: V; readonly name: string }[];
  readonly onChange: (value: V) => void;
}): JSX.Element {
  const group = useId();
  return (
    <fieldset class="segments">
      <legend class="sr-only">{name}</legend>
      {options.map((option) => (
        <label key={option.value}>
          <input
            type="radio"
            name={group}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          <span>{option.name}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** A label in its colour, with the confidence if it is given. */
export const LabelChip = ({
  label,
  confidence,
}: {
  readonly label: string;
  /** 0 to 100. */
  readonly confidence?: number | undefined;
}): JSX.Element => (
  <span class={`chip hue-${hueOf(label)}`}>
    <i aria-hidden="true" />
    {labelName(label)}
    {confidence !== undefined && <b>{Math.round(confidence)} %</b>}
  </span>
);

/** A word in a quiet or striking box: a state, a count. */
export const Badge = ({
  tone = "plain",
  children,
}: {
  readonly tone?: "plain" | "good" | "bad" | "accent";
  readonly children: ComponentChildren;
}): JSX.Element => <span class={`badge ${tone}`}>{children}</span>;

const COPIED_MS = 2000;

/** Copies text to the clipboard. */
export function CopyButton({
  text,
  name = "Copy",
}: {
  readonly text: string;
  readonly name?: string;
}): JSX.Element {
  const [state, setState] = useState<"ready" | "copied" | "failed">("ready");
  useEffect(() => (state === "ready" ? undefined : after(COPIED_MS, () => setState("ready"))), [state]);
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setState("copied"),
      () => setState("failed"),
    );
  };
  return (
    <Button kind="quiet" onClick={copy}>
      {state === "ready" ? name : state === "copied" ? "Copied" : "The browser refused"}
    </Button>
  );
}

/** A modal dialog; `onClose` runs when it is closed in any way. */
export function Dialog({
  title,
  onClose,
  children,
  size = "small",
}: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  readonly size?: "small" | "large";
}): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const isShown = useRef(true);
  const heading = useId();
  useLayoutEffect(() => {
    const shown = dialog.current!;
    shown.showModal();
    return () => {
      // Closing emits its event later, when another dialog may be shown.
      isShown.current = false;
      shown.close();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={`dialog ${size}`}
      aria-labelledby={heading}
      onClose={() => isShown.current && onClose()}
      onClick={(event) => event.target === dialog.current && dialog.current!.close()}
    >
      <div class="dialog-inner">
        <div class="dialog-head">
          <h2 id={heading}>{title}</h2>
          <Button kind="quiet" icon="close" name="Close" onClick={() => dialog.current!.close()} />
        </div>
        {children}
      </div>
    </dialog>
  );
}

/** Asks before something that cannot be undone. */
export const Confirm = ({
  title,
  action,
  onConfirm,
  onClose,
  isDanger = false,
  children,
}: {
  readonly title: string;
  /** What the button does, as a verb: `Redrive 12 records`. */
  readonly action: string;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly isDanger?: boolean;
  readonly children: ComponentChildren;
}): JSX.Element => (
  <Dialog title={title} onClose={onClose}>
    {children}
    <div class="dialog-foot">
      <Button onClick={onClose}>Cancel</Button>
      <Button
        kind={isDanger ? "danger" : "main"}
        onClick={() => {
          onConfirm();
          onClose();
        }}
      >
        {action}
      </Button>
    </div>
  </Dialog>
);
