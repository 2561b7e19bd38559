import type { ServerResponse } from "node:http";
import type { Timer } from "../base/clock.ts";
import { HOUR_MS, SECOND_MS } from "../base/durations.ts";
import type { LiveEvents } from "../schemas/console/live.ts";
import type { ConsoleCloud } from "./cloud.ts";
import { FACT_TABLES, type FactTable } from "./lake/facts.ts";
import { hourName } from "./lake/reader.ts";
import { problemOf } from "./problem.ts";

/** How often the lake is listed while a page is connected: a request per table. S3 bills lists of AWS, not the local ones. */
const LOCAL_EVERY_MS = SECOND_MS;
const AWS_EVERY_MS = 5 * SECOND_MS;
/** Every so many lists go back further: video that is uploaded later has rows in earlier hours. */
const LONG_EVERY = 10;
const SHORT_HOURS = 1;
const LONG_HOURS = 48;
/** Proxies and browsers drop connections that are silent. */
const PING_MS = 15 * SECOND_MS;
/** More than one person opens. */
const MAX_PAGES = 50;
/** Files that are remembered per table. */
const MAX_SEEN = 20_000;

type Seen = ReadonlyMap<FactTable, ReadonlySet<string>>;

/**
 * Sends connected pages what is new: lists the newest partitions of the lake's tables, as long as a page is connected, and
 * sends an event when a file is there that was not there before, and when calls begin to fail or succeed again.
 */
export class LiveFeed {
  readonly #cloud: ConsoleCloud;
  readonly #pages = new Set<ServerResponse>();
  #seen: Seen | undefined;
  #lost: LiveEvents["cloud"] | undefined;
  #lists = 0;
  #timer: Timer | undefined;
  #ping: Timer | undefined;

  constructor(cloud: ConsoleCloud) {
    this.#cloud = cloud;
  }

  /** Sends events to a page until it goes away. */
  serve(response: ServerResponse): void {
    if (this.#pages.size >= MAX_PAGES) {
      // A browser does not connect again after 204.
      response.writeHead(204).end();
      return;
    }
    response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
    });
    response.write(`retry: ${2 * SECOND_MS}\n\n`);
    this.#pages.add(response);
    response.once("close", () => {
      this.#pages.delete(response);
      if (this.#pages.size === 0) this.#pause();
    });
    send(response, "cloud", this.#lost ?? { state: "back" });
    if (!this.#timer) this.#next(0);
    this.#ping ??= this.#pingLater();
  }

  close(): void {
    this.#pause();
    for (const response of this.#pages) response.end();
    this.#pages.clear();
  }

  /** What is new while no page is connected is what pages read when they connect. */
  #pause(): void {
    this.#timer?.cancel();
    this.#ping?.cancel();
    this.#timer = this.#ping = this.#seen = undefined;
    this.#lists = 0;
  }

  #pingLater(): Timer {
    return this.#cloud.clock.after(PING_MS, () => {
      for (const response of this.#pages) response.write(": still here\n\n");
      this.#ping = this.#pingLater();
    });
  }

  #next(delayMs: number): void {
    const timer = this.#cloud.clock.after(delayMs, () => {
      void this.#check().then(() => {
        // Paused, or paused and begun again, meanwhile.
        if (this.#timer === timer) this.#next(this.#cloud.isLocal ? LOCAL_EVERY_MS : AWS_EVERY_MS);
      });
    });
    this.#timer = timer;
  }

  async #check(): Promise<void> {
    const isLong = this.#lists++ % LONG_EVERY === 0;
    let found: Seen;
    try {
      found = await this.#list(isLong ? LONG_HOURS : SHORT_HOURS);
    } catch (error) {
      const { error: words, remedy } = problemOf(error);
      if (!this.#lost) this.#sendAll("cloud", { state: "lost", error: words, remedy });
      this.#lost = { state: "lost", error: words, remedy };
      return;
    }
    if (this.#lost) {
      this.#lost = undefined;
      this.#sendAll("cloud", { state: "back" });
    }
    const before = this.#seen;
    // A short list has no earlier hours, and what was seen once is not new when it is seen again.
    this.#seen = new Map(
      FACT_TABLES.map((table) => {
        const all = found.get(table)!.union(before?.get(table) ?? new Set<string>());
        return [table, all.size > MAX_SEEN ? found.get(table)! : all] as const;
      }),
    );
    if (!before) return;
    const tables = FACT_TABLES.filter((table) => !found.get(table)!.isSubsetOf(before.get(table)!));
    if (tables.length > 0) this.#sendAll("activity", { atMs: this.#cloud.clock.now(), tables });
  }

  async #list(hours: number): Promise<Seen> {
    const { clock, lake } = this.#cloud;
    const [dt, hour] = hourName(clock.now() - hours * HOUR_MS).split("T") as [string, string];
    const lists = await Promise.all(
      FACT_TABLES.map(async (table) => {
        const files = await lake.files.filesFrom(table, dt, hour);
        return [table, new Set(files.map(({ key, etag }) => `${key} ${etag}`))] as const;
      }),
    );
    return new Map(lists);
  }

  #sendAll<Name extends keyof LiveEvents>(name: Name, event: LiveEvents[Name]): void {
    for (const response of this.#pages) send(response, name, event);
  }
}

const send = <Name extends keyof LiveEvents>(
  response: ServerResponse,
  name: Name,
  event: LiveEvents[Name],
): void => void response.write(`event: ${name}\ndata: ${JSON.stringify(event)}\n\n`);
