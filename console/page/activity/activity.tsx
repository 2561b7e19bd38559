import type { JSX } from "preact";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Chain, Chains } from "../../../schemas/console/chains.ts";
import { useOverview } from "../overview.ts";
import { linkTo, setParams, useAddress } from "../parts/address.ts";
import { ApiError, callApi, useResource, withQuery } from "../parts/api.ts";
import { now } from "../parts/clock.ts";
import { Button } from "../parts/controls.tsx";
import { dayOf, labelName, startOfDate, dateOf } from "../parts/format.ts";
import { useKeys } from "../parts/keys.ts";
import { useLive } from "../parts/live.ts";
import { announceError, Empty, Failed, Loading, Screen, Stale } from "../parts/states.tsx";
import { ChainCard } from "./card.tsx";
import { ChainDialog } from "./chain-dialog.tsx";
import { newIn, reviewNote, withEarlier, withFirstPage, type Feed } from "./feed.ts";
import { Filters, hasFilters, withoutFilters } from "./filters.tsx";

/** So few motions get large cards. */
const FEW = 2;

/** A card per motion, the latest first; new ones appear by themselves. */
export function Activity(): JSX.Element {
  const { params } = useAddress();
  const path = withQuery("/api/chains", {
    camera: params.get("camera") ?? undefined,
    label: params.get("label") ?? undefined,
    person: params.get("person") ?? undefined,
    reviewed: params.get("reviewed") ?? undefined,
    synthetic: params.get("synthetic") ?? undefined,
  });
  const { feed, error, isLoading, fresh, reload, loadEarlier, setReviewed } = useFeed(path);
  const openId = params.get("chain");
  const inFeed = feed?.chains.find(({ chainId }) => chainId === openId);
  const elsewhere = useResource<Chains>(feed && openId && !inFeed ? pathOfChain(openId, params) : undefined);
  const open = inFeed ?? elsewhere.data?.chains.find(({ chainId }) => chainId === openId);
  const list = useRef<HTMLDivElement>(null);
  useFeedKeys(list, feed, open, setReviewed);

  return (
    <Screen title="Activity" note={feed && reviewNote(feed)} tools={<Filters params={params} />}>
      <p class="sr-only" role="status" aria-live="polite">
        {fresh.length > 0 && newsOf(fresh)}
      </p>
      <NewPill fresh={fresh} />
      {feed && error && <Stale error={error} retry={reload} />}
      <div ref={list} class={feed && feed.chains.length <= FEW ? "feed few" : "feed"}>
        {feed ? (
          <Days feed={feed} fresh={fresh} params={params} setReviewed={setReviewed} />
        ) : error ? (
          <Failed error={error} retry={reload} />
        ) : (
          <Loading what="activity" lines={6} />
        )}
      </div>
      {feed && feed.chains.length === 0 && feed.next === undefined && <NothingThere params={params} />}
      {feed?.next !== undefined && (
        <p class="more">
          {feed.searchedToMs !== undefined && (
            <span class="quiet-text">Searched back to {dayOf(feed.searchedToMs, now())}. </span>
          )}
          <Button onClick={loadEarlier} disabled={isLoading}>
            {isLoading ? "Loading" : feed.searchedToMs === undefined ? "Show earlier" : "Search further back"}
          </Button>
        </p>
      )}
      {open && (
        <ChainDialog
          key={open.chainId}
          chain={open}
          position={positionOf(feed!, open)}
          setReviewed={(chainId, isReviewed) => {
            setReviewed(chainId, isReviewed);
            if (!inFeed) elsewhere.reload();
          }}
          onClose={() => {
            setParams({ chain: undefined });
            cardsIn(list.current)
              .find((card) => card.dataset["chain"] === open.chainId)
              ?.focus();
          }}
        />
      )}
    </Screen>
  );
}

/** A chain that the feed does not have: its id names the camera and the chain's begin. */
function pathOfChain(chainId: string, params: URLSearchParams): string {
  const dot = chainId.lastIndexOf(".");
  const from = Number(chainId.slice(dot + 1));
  return withQuery("/api/chains", {
    camera: chainId.slice(0, dot),
    from,
    until: from + 1,
    synthetic: params.get("synthetic") ?? undefined,
    limit: 1,
  });
}

interface FeedState {
  readonly path: string;
  readonly feed?: Feed | undefined;
  readonly error?: ApiError | undefined;
  readonly isLoading: boolean;
  /** What came since the screen was opened. */
  readonly fresh: readonly Chain[];
}

/** The chains of a path, kept up to date. */
function useFeed(path: string) {
  const [state, setState] = useState<FeedState>({ path, isLoading: true, fresh: [] });
  const current = useRef(path);
  current.current = path;

  const read = useCallback(
    (from: string, apply: (before: FeedState, page: Chains) => Partial<FeedState>): void => {
      const ofPath =
        <T,>(change: (before: FeedState) => T) =>
        (before: FeedState): FeedState =>
          before.path === path && current.current === path ? { ...before, ...change(before) } : before;
      setState(ofPath(() => ({ isLoading: true })));
      callApi<Chains>("GET", from).then(
        (page) =>
          setState(ofPath((before) => ({ ...apply(before, page), isLoading: false, error: undefined }))),
        (error: ApiError) => setState(ofPath(() => ({ isLoading: false, error }))),
      );
    },
    [path],
  );
  const reload = useCallback(() => {
    read(path, (before, page) => {
      const feed = withFirstPage(before.feed, page);
      return { feed, fresh: [...newIn(before.feed, feed), ...before.fresh] };
    });
  }, [read, path]);
  useEffect(() => {
    setState({ path, isLoading: true, fresh: [] });
    reload();
  }, [path, reload]);
  useLive(reload);

  const loadEarlier = (): void => {
    const { next } = state.feed!;
    const from = `${path}${path.includes("?") ? "&" : "?"}before=${encodeURIComponent(next!)}`;
    read(from, (before, page) => ({ feed: withEarlier(before.feed!, page) }));
  };
  const setReviewed = (chainId: string, isReviewed: boolean): void => {
    const change = (value: boolean): void =>
      setState((before) => ({
        ...before,
        feed: before.feed && {
          ...before.feed,
          chains: before.feed.chains.map((chain) =>
            chain.chainId === chainId ? { ...chain, isReviewed: value } : chain,
          ),
        },
      }));
    change(isReviewed);
    callApi("PUT", `/api/chains/${encodeURIComponent(chainId)}/review`, { reviewed: isReviewed }).catch(
      (error: unknown) => {
        change(!isReviewed);
        announceError(error);
      },
    );
  };
  const shown =
    state.path === path ? state : { feed: undefined, error: undefined, isLoading: true, fresh: [] };
  return { ...shown, reload, loadEarlier, setReviewed };
}

const cardsIn = (list: HTMLDivElement | null): HTMLElement[] => [
  ...(list?.querySelectorAll<HTMLElement>("[data-chain]") ?? []),
];

/** `j` and `k` move along the cards, or along the chains of the dialog; `r` marks as reviewed. */
function useFeedKeys(
  list: { readonly current: HTMLDivElement | null },
  feed: Feed | undefined,
  open: Chain | undefined,
  setReviewed: (chainId: string, isReviewed: boolean) => void,
): void {
  const move = (step: number): void => {
    if (open && feed) {
      const next = feed.chains[feed.chains.indexOf(open) + step];
      if (next) setParams({ chain: next.chainId });
      return;
    }
    const all = cardsIn(list.current);
    const at = all.indexOf(document.activeElement as HTMLElement);
    const next = all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + step))];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  };
  const toggle = (): void => {
    const id = open?.chainId ?? (document.activeElement as HTMLElement | null)?.dataset["chain"];
    const chain = feed?.chains.find(({ chainId }) => chainId === id);
    if (chain) setReviewed(chain.chainId, !chain.isReviewed);
  };
  useKeys([
    { key: "j", does: "Next motion", run: () => move(1), inDialog: true },
    { key: "k", does: "Previous motion", run: () => move(-1), inDialog: true },
    { key: "r", does: "Reviewed, or not", run: toggle, inDialog: true },
  ]);
}

/** Neighbours of a chain, for the dialog's buttons. */
function positionOf({ chains }: Feed, chain: Chain): { readonly newer?: string; readonly older?: string } {
  const at = chains.indexOf(chain);
  if (at < 0) return {};
  const newer = chains[at - 1]?.chainId;
  const older = chains[at + 1]?.chainId;
  return { ...(newer && { newer }), ...(older && { older }) };
}

function Days({
  feed,
  fresh,
  params,
  setReviewed,
}: {
  readonly feed: Feed;
  readonly fresh: readonly Chain[];
  readonly params: URLSearchParams;
  readonly setReviewed: (chainId: string, isReviewed: boolean) => void;
}): JSX.Element {
  const days = useMemo(() => [...Map.groupBy(feed.chains, ({ startedAtMs }) => dateOf(startedAtMs))], [feed]);
  const freshIds = new Set(fresh.map(({ chainId }) => chainId));
  return (
    <>
      {days.map(([date, chains], dayIndex) => (
        <section key={date} aria-labelledby={`day-${date}`}>
          <h2 id={`day-${date}`} class="day-name">
            {dayOf(startOfDate(date), now())}
            <span>
              {chains.length} {chains.length === 1 ? "motion" : "motions"}
            </span>
          </h2>
          <div class="cards">
            {chains.map((chain, index) => (
              <ChainCard
                key={chain.chainId}
                chain={chain}
                href={linkTo("activity", { ...Object.fromEntries(params), chain: chain.chainId })}
                isNew={freshIds.has(chain.chainId)}
                isEager={dayIndex === 0 && index < 6}
                setReviewed={setReviewed}
              />
            ))}
          </div>
        </section>
      ))}
    </>
  );
}

/** `2 new motions, the latest at front-door: Person, Package` */
function newsOf(fresh: readonly Chain[]): string {
  const [{ cameraId, detections } = { cameraId: "", detections: [] }] = fresh;
  const labels = [...new Set(detections.map(({ label }) => labelName(label)))].join(", ");
  const count = fresh.length === 1 ? "New motion" : `${fresh.length} new motions, the latest`;
  return `${count} at ${cameraId}${labels && `: ${labels}`}`;
}

const FAR_DOWN = 400;

/** Leads to what is new while the reader is further down. */
function NewPill({ fresh }: { readonly fresh: readonly Chain[] }): JSX.Element | null {
  const [seen, setSeen] = useState(0);
  useEffect(() => {
    const update = (): void => {
      if (scrollY < FAR_DOWN) setSeen(fresh.length);
    };
    update();
    addEventListener("scroll", update, { passive: true });
    return () => removeEventListener("scroll", update);
  }, [fresh]);
  const count = fresh.length - seen;
  if (count <= 0) return null;
  return (
    <div class="new-pill">
      <Button kind="main" onClick={() => scrollTo({ top: 0, behavior: "smooth" })}>
        {count} new
      </Button>
    </div>
  );
}

function NothingThere({ params }: { readonly params: URLSearchParams }): JSX.Element {
  const { data } = useOverview();
  if (hasFilters(params))
    return (
      <Empty title="No motion matches">
        <p>Nothing in the lake has all that you chose.</p>
        <a class="button" href={linkTo("activity", withoutFilters(params))}>
          Show all
        </a>
      </Empty>
    );
  if (data?.isSyntheticOnly)
    return (
      <Empty title="Only synthetic data so far">
        <p>
          All rows were written by <code>doorstep generate</code>; no camera has seen anything yet.
        </p>
        <a class="button" href={linkTo("activity", { synthetic: "true" })}>
          Show synthetic data
        </a>
      </Empty>
    );
  return (
    <Empty title="Nothing has been seen yet">
      <p>A motion appears here by itself, within about two minutes of its first detection.</p>
      <ul>
        <li>
          <a href="/try">Try a camera</a>: send a test motion, or drop a clip onto the page.
        </li>
        <li>
          Add a camera of your own: <code>npx doorstep camera add front-door</code>
        </li>
      </ul>
    </Empty>
  );
}
