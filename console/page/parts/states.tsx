import type { ComponentChildren, JSX } from "preact";
import { ApiError, type Resource } from "./api.ts";
import { after } from "./clock.ts";
import { Button } from "./controls.tsx";
import { createStore, useStore } from "./store.ts";

/** A screen's frame: its heading, what filters it, and its content. */
export const Screen = ({
  title,
  note,
  tools,
  children,
}: {
  readonly title: string;
  /** A few words after the heading. */
  readonly note?: string | undefined;
  /** Beside the heading: filters, buttons. */
  readonly tools?: ComponentChildren;
  readonly children: ComponentChildren;
}): JSX.Element => (
  <>
    <div class="screen-head">
      <h1>{title}</h1>
      {note && <p class="note">{note}</p>}
      {tools && <div class="tools">{tools}</div>}
    </div>
    {children}
  </>
);

/** Grey shapes while something is read for the first time. */
export const Loading = ({
  what,
  lines = 3,
}: {
  readonly what: string;
  readonly lines?: number;
}): JSX.Element => (
  <div class="loading" role="status">
    <span class="sr-only">Loading {what}</span>
    {Array.from({ length: lines }, (_, index) => (
      <i key={index} />
    ))}
  </div>
);

/** Nothing there, and what makes something be there. */
export const Empty = ({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ComponentChildren;
}): JSX.Element => (
  <div class="state">
    <h2>{title}</h2>
    {children}
  </div>
);

/** What failed, what to do, and a way to try again. */
export const Failed = ({
  error,
  retry,
}: {
  readonly error: Pick<ApiError, "message" | "remedy">;
  readonly retry?: (() => void) | undefined;
}): JSX.Element => (
  <div class="state failed" role="alert">
    <h2>{sentence(error.message)}</h2>
    {error.remedy && <p>{sentence(error.remedy)}</p>}
    {retry && <Button onClick={retry}>Try again</Button>}
  </div>
);

/** Shown above data that could not be read again. */
export const Stale = ({
  error,
  retry,
}: {
  readonly error: Pick<ApiError, "message" | "remedy">;
  readonly retry: () => void;
}): JSX.Element => (
  <p class="stale" role="status">
    <span>This may be out of date. {sentence(error.message)}</span>
    <Button kind="quiet" onClick={retry}>
      Try again
    </Button>
  </p>
);

const sentence = (text: string): string => {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
};

/** A resource in the state that it is in: loading, failed, or its data, perhaps stale. */
export function Loaded<T>({
  resource,
  what,
  lines = 3,
  children,
}: {
  readonly resource: Resource<T>;
  readonly what: string;
  readonly lines?: number;
  readonly children: (data: T) => ComponentChildren;
}): JSX.Element {
  const { data, error, reload } = resource;
  if (data === undefined)
    return error ? <Failed error={error} retry={reload} /> : <Loading what={what} lines={lines} />;
  return (
    <>
      {error && <Stale error={error} retry={reload} />}
      {children(data)}
    </>
  );
}

const toast = createStore<{ readonly text: string; readonly isProblem: boolean } | undefined>(undefined);
let hideToast: (() => void) | undefined;
const TOAST_MS = 6000;

/** Says shortly what happened, for eyes and screen readers. */
export function announce(text: string, { isProblem = false } = {}): void {
  hideToast?.();
  toast.set({ text, isProblem });
  hideToast = after(TOAST_MS, () => toast.set(undefined));
}

/** Announces an error that an action ended with. */
export function announceError(error: unknown): void {
  const { message, remedy } = error as ApiError;
  announce([message, remedy].filter(Boolean).map((text) => sentence(text!)).join(" "), { isProblem: true }); // prettier-ignore
}

export function Toast(): JSX.Element {
  const shown = useStore(toast);
  return (
    <div class="toast-place" role="status" aria-live="polite">
      {shown && <p class={shown.isProblem ? "toast problem" : "toast"}>{shown.text}</p>}
    </div>
  );
}
