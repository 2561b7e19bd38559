import type { FunctionComponent, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Overview } from "../../schemas/console/overview.ts";
import { Activity } from "./activity/activity.tsx";
import { Ask } from "./ask/ask.tsx";
import { Cameras } from "./cameras/cameras.tsx";
import { Day } from "./day/day.tsx";
import { Flow } from "./flow/flow.tsx";
import { KeysDialog } from "./keys-dialog.tsx";
import { shareOverview } from "./overview.ts";
import { goTo, linkTo, useAddress } from "./parts/address.ts";
import { useResource } from "./parts/api.ts";
import { after } from "./parts/clock.ts";
import { Button } from "./parts/controls.tsx";
import { Icon } from "./parts/icons.tsx";
import { useKeys } from "./parts/keys.ts";
import { access, connection, useLive } from "./parts/live.ts";
import { Toast } from "./parts/states.tsx";
import { useStore } from "./parts/store.ts";
import { SCREENS, type ScreenId } from "./screens.ts";
import { Try } from "./try/try.tsx";
import { chooseTheme, theme } from "./theme.ts";

const CONTENT: Readonly<Record<ScreenId, FunctionComponent>> = {
  activity: Activity,
  day: Day,
  cameras: Cameras,
  try: Try,
  ask: Ask,
  flow: Flow,
};

/** The page's frame: navigation, state of the connection, and one screen. */
export function Shell(): JSX.Element {
  const { screen } = useAddress();
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  const [areKeysShown, setAreKeysShown] = useState(false);
  const overview = useResource<Overview>("/api/overview");
  const isDenied = useStore(access) === "denied";
  const { name } = SCREENS.find(({ id }) => id === screen)!;
  const Content = CONTENT[screen];

  useEffect(() => shareOverview(overview), [overview.data, overview.error, overview.isLoading]);
  useLive(() => overview.reload());
  useEffect(() => {
    document.title = `${name} · Doorstep`;
    // A screen reader reads the new screen from its begin.
    if (!isFirst.current) main.current?.focus({ preventScroll: true });
    isFirst.current = false;
  }, [name]);
  useKeys([
    ...SCREENS.map(({ id, name: does }, index) => ({
      key: String(index + 1),
      does,
      run: () => goTo(linkTo(id)),
    })),
    { key: "?", does: "This list", run: () => setAreKeysShown(true) },
  ]);

  if (isDenied) return <Denied />;
  return (
    <>
      <a class="skip" href="#content" onClick={() => main.current?.focus()}>
        Skip to content
      </a>
      <header class="bar">
        <a class="brand" href="/activity">
          <img src="/assets/icon.svg" alt="" width="26" height="26" />
          Doorstep
        </a>
        <Status overview={overview.data} />
        <ThemeButton />
        <Button
          kind="quiet"
          icon="keys"
          name="Keys"
          class="wide-only"
          onClick={() => setAreKeysShown(true)}
        />
      </header>
      <nav class="rail" aria-label="Screens">
        <ul>
          {SCREENS.map(({ id, name: full, short }) => (
            <li key={id}>
              <a href={`/${id}`} aria-current={id === screen ? "page" : undefined} aria-label={full}>
                <Icon name={id} />
                <span class="wide-only">{full}</span>
                <span class="narrow-only">{short ?? full}</span>
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <main id="content" ref={main} tabIndex={-1}>
        <Content />
      </main>
      {areKeysShown && <KeysDialog onClose={() => setAreKeysShown(false)} />}
      <Toast />
    </>
  );
}

const WORDS = {
  connecting: "connecting",
  live: "live",
  lost: "connection lost, trying again",
  "cloud-lost": "the cloud does not respond, trying again",
} as const;

/** What is shown here, and whether new things appear by themselves. */
function Status({ overview }: { readonly overview: Overview | undefined }): JSX.Element {
  const state = useStore(connection);
  return (
    <p class={`status ${state}`} role="status">
      <i aria-hidden="true" />
      <span>
        {overview && state === "live" && (
          <span class="stack">
            {overview.stack} {overview.cloud === "local" ? "on this machine" : `in ${overview.region}`}
            {" · "}
          </span>
        )}
        {WORDS[state]}
      </span>
    </p>
  );
}

const NEXT = { system: "light", light: "dark", dark: "system" } as const;

function ThemeButton(): JSX.Element {
  const chosen = useStore(theme);
  return (
    <Button
      kind="quiet"
      icon="theme"
      name={`Theme: ${chosen === "system" ? "as the system" : chosen}; switch to ${NEXT[chosen]}`}
      onClick={() => chooseTheme(NEXT[chosen])}
    />
  );
}

const AGAIN_MS = 4000;

/** Goes on by itself once the address was opened in another tab. */
function Denied(): JSX.Element {
  useEffect(() => {
    let cancel = (): void => undefined;
    const check = (): void => {
      fetch("/api/overview").then(
        ({ ok }) => (ok ? location.reload() : wait()),
        () => wait(),
      );
    };
    const wait = (): void => {
      cancel = after(AGAIN_MS, check);
    };
    wait();
    return () => cancel();
  }, []);
  return (
    <main class="denied">
      <img src="/assets/icon.svg" alt="" width="48" height="48" />
      <div class="state">
        <h1>Open the address that was printed last</h1>
        <p>
          This page belongs to an earlier start of the console, or was opened without its token. The address
          with the token is in the terminal where <code>npm start</code> or <code>npx doorstep console</code>{" "}
          runs. This tab goes on when you have opened it.
        </p>
      </div>
    </main>
  );
}
