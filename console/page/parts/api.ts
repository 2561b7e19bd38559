import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../../../schemas/console/values.ts";
import { access } from "./live.ts";

/** What the server responds when a request fails: the problem and what to do about it. */
export class ApiError extends Error {
  readonly status: number;
  readonly remedy: string | undefined;

  /** @param status 0 if there was no response */
  constructor(status: number, message: string, remedy?: string) {
    super(message);
    this.status = status;
    this.remedy = remedy;
  }
}

export type Method = "GET" | "POST" | "PUT" | "DELETE";

const UNREACHABLE = "The console's server does not respond";

/** Calls the read API. A call in the background is also sent when the page is being closed. @throws ApiError */
export async function callApi<T>(
  method: Method,
  path: string,
  body?: unknown,
  { signal, inBackground = false }: { readonly signal?: AbortSignal; readonly inBackground?: boolean } = {},
): Promise<T> {
  const init: RequestInit = {
    method,
    headers: { accept: "application/json" },
    keepalive: inBackground,
  };
  if (signal) init.signal = signal;
  if (body instanceof Blob) {
    init.body = body;
    init.headers = { "content-type": body.type || "application/octet-stream" };
  } else if (method !== "GET") {
    init.body = JSON.stringify(body ?? {});
    init.headers = { "content-type": "application/json" };
  }
  const response = await send(path, init, signal);
  const text = await response.text();
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

/** Reads bytes, e.g. a clip. @throws ApiError */
export const fetchBlob = async (path: string, signal: AbortSignal): Promise<Blob> =>
  (await send(path, { signal }, signal)).blob();

/** @throws ApiError for a refusal, or without a response */
async function send(path: string, init: RequestInit, signal: AbortSignal | undefined): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, UNREACHABLE, "Start it again: npm start, or npx doorstep console.");
  }
  if (response.ok) return response;
  if (response.status === 401) access.set("denied");
  const { error, remedy } = ((await response.json().catch(() => ({}))) ?? {}) as Partial<Problem>;
  throw new ApiError(response.status, error ?? `The server responded ${response.status}`, remedy);
}

/** A path with its query; undefined and empty values are left out. */
export function withQuery(
  path: string,
  query: Readonly<Record<string, string | number | boolean | undefined>>,
): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== "") search.set(name, String(value));
  return search.size > 0 ? `${path}?${search}` : path;
}

/** What a screen shows of a resource. With data and an error, the data is of an earlier request. */
export interface Resource<T> {
  readonly data: T | undefined;
  readonly error: ApiError | undefined;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

/** Reads a resource now and whenever its path changes; undefined reads nothing. Keeps the data while it reads again. */
export function useResource<T>(path: string | undefined): Resource<T> {
  const [state, setState] = useState<{ path?: string; data?: T; error?: ApiError; isLoading: boolean }>({
    isLoading: path !== undefined,
  });
  const controller = useRef<AbortController>(undefined);
  const load = useCallback(() => {
    controller.current?.abort();
    if (path === undefined) return setState({ isLoading: false });
    const { signal } = (controller.current = new AbortController());
    setState((before) => (before.path === path ? { ...before, isLoading: true } : { path, isLoading: true }));
    callApi<T>("GET", path, undefined, { signal }).then(
      (data) => !signal.aborted && setState({ path, data, isLoading: false }),
      (error: ApiError) =>
        !signal.aborted && setState(({ data }) => ({ path, ...(data && { data }), error, isLoading: false })),
    );
  }, [path]);
  useEffect(() => {
    load();
    return () => controller.current?.abort();
  }, [load]);
  return { data: state.data, error: state.error, isLoading: state.isLoading, reload: load };
}
