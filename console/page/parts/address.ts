import { SCREENS, type ScreenId } from "../screens.ts";
import { createStore, useStore } from "./store.ts";

/** Where the page is: the screen and its parameters, both in the address, so that a link shows the same. */
export interface Address {
  readonly screen: ScreenId;
  readonly params: URLSearchParams;
}

function readAddress(): Address {
  const id = location.pathname.slice(1);
  return {
    screen: SCREENS.find((screen) => screen.id === id)?.id ?? "activity",
    params: new URLSearchParams(location.search),
  };
}

const address = createStore(readAddress());

export const useAddress = (): Address => useStore(address);

/** An address within the page; parameters that are undefined or empty are left out. */
export function linkTo(screen: ScreenId, params: Readonly<Record<string, string | undefined>> = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) if (value) search.set(name, value);
  return `/${screen}${search.size > 0 ? `?${search}` : ""}`;
}

/** Goes to an address within the page. */
export function goTo(href: string, { replace = false } = {}): void {
  history[replace ? "replaceState" : "pushState"](null, "", href);
  address.set(readAddress());
}

/** Changes parameters of the address; undefined or empty removes one. */
export function setParams(
  changes: Readonly<Record<string, string | undefined>>,
  options: { readonly replace?: boolean } = { replace: true },
): void {
  const { screen, params } = address.get();
  goTo(linkTo(screen, { ...Object.fromEntries(params), ...changes }), options);
}

/** Follows links within the page without loading it again. */
export function followLinks(): void {
  addEventListener("popstate", () => address.set(readAddress()));
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element).closest?.("a");
    if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (!SCREENS.some(({ id }) => link.pathname === `/${id}`)) return;
    event.preventDefault();
    goTo(link.pathname + link.search);
    scrollTo(0, 0);
  });
}
