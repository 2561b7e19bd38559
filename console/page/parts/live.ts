import { useEffect, useRef } from "preact/hooks";
import type { LiveEvents } from "../../../schemas/console/live.ts";
import { after } from "./clock.ts";
import { createStore } from "./store.ts";

/** `denied` once the server does not accept the page's token. */
export const access = createStore<"open" | "denied">("open");

/** How the page is connected to its server, and the server to the cloud. */
export const connection = createStore<"connecting" | "live" | "lost" | "cloud-lost">("connecting");

const listeners = new Set<() => void>();
const LONGEST_WAIT_MS = 10_000;

/**
 * Keeps a stream of events open while the page can be seen: again after a loss, sooner at first. A browser opens few
 * connections to a server, and each stream takes one, so that a page in the background has none.
 */
export function connectLive(): void {
  let source: EventSource | undefined;
  let failures = 0;
  let isBehind = false;
  let cancelRetry = (): void => undefined;

  const open = (): void => {
    if (source || document.hidden || access.get() === "denied") return;
    const opened = (source = new EventSource("/api/live"));
    opened.addEventListener("open", () => {
      if (isBehind) emit();
      isBehind = false;
      failures = 0;
      connection.set("live");
    });
    opened.addEventListener("activity", emit);
    opened.addEventListener("cloud", ({ data }) => {
      const { state } = JSON.parse(String(data)) as LiveEvents["cloud"];
      if (state === "back" && connection.get() === "cloud-lost") emit();
      connection.set(state === "lost" ? "cloud-lost" : "live");
    });
    opened.addEventListener("error", () => {
      close();
      // An event source does not say why it failed: another token is a reason to stop.
      fetch("/api/overview").then(
        ({ status }) => status === 401 && access.set("denied"),
        () => undefined,
      );
      failures += 1;
      // One loss may be a restart of the server: say so when the second attempt fails, too.
      if (failures > 1) connection.set("lost");
      cancelRetry = after(Math.min(LONGEST_WAIT_MS, 250 * 2 ** failures), open);
    });
  };
  const close = (): void => {
    cancelRetry();
    source?.close();
    source = undefined;
    isBehind = true;
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  open();
}

function emit(): void {
  for (const listener of listeners) listener();
}

/** Calls the listener when the lake has something new, also after the connection was lost. */
export function useLive(listener: () => void): void {
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => {
    const call = (): void => latest.current();
    listeners.add(call);
    return () => void listeners.delete(call);
  }, []);
}
