import { useEffect, useRef } from "preact/hooks";
import { after } from "./clock.ts";
import { createStore } from "./store.ts";

/** `denied` once the server does not accept the page's token. */
export const access = createStore<"open" | "denied">("open");

/** How the page is connected to its server, and the server to the cloud. */
export const connection = createStore<"connecting" | "live" | "lost" | "cloud-lost">("connecting");

/** What is new, as the server sends it; the page reads the rest again. */
export interface LiveActivity {
  readonly cameras?: readonly string[];
}

const listeners = new Set<(activity: LiveActivity) => void>();
const LONGEST_WAIT_MS = 10_000;

/** Keeps a stream of events open: again after a loss, sooner at first. */
export function connectLive(): void {
  let failures = 0;
  const open = (): void => {
    if (access.get() === "denied") return;
    const source = new EventSource("/api/live");
    source.addEventListener("open", () => {
      if (failures > 0) emit({});
      failures = 0;
      connection.set("live");
    });
    source.addEventListener("activity", ({ data }) => emit(parse(String(data))));
    source.addEventListener("cloud", ({ data }) =>
      connection.set(/lost/.test(String(data)) ? "cloud-lost" : "live"),
    );
    source.addEventListener("error", () => {
      source.close();
      if (access.get() === "denied") return;
      // An event source does not say why it failed: another token is a reason to stop.
      fetch("/api/overview").then(
        ({ status }) => status === 401 && access.set("denied"),
        () => undefined,
      );
      failures += 1;
      // One loss may be a restart of the server: say so when the second attempt fails, too.
      if (failures > 1) connection.set("lost");
      after(Math.min(LONGEST_WAIT_MS, 250 * 2 ** failures), open);
    });
  };
  open();
}

function emit(activity: LiveActivity): void {
  for (const listener of listeners) listener(activity);
}

function parse(data: string): LiveActivity {
  try {
    return JSON.parse(data) as LiveActivity;
  } catch {
    return {};
  }
}

/** Calls the listener when there is something new, also after the connection was lost. */
export function useLive(listener: (activity: LiveActivity) => void): void {
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => {
    const call = (activity: LiveActivity): void => latest.current(activity);
    listeners.add(call);
    return () => void listeners.delete(call);
  }, []);
}
