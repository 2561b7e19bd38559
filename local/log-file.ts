import { appendFileSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { errorMessage } from "../base/errors.ts";
import type { Events } from "./events.ts";

/**
 * A log that never stops the local cloud. Lines that can't be written, on a full disk for example, are left out; the event
 * write-failed says so at the first one, and again when lines could be written in between.
 */
export class LogFile {
  readonly #file: string;
  readonly #events: Events;
  readonly #service: string;
  #isFailing = false;

  /** @param service the service whose event write-failed is */
  constructor(file: string, events: Events, service: string) {
    this.#file = file;
    this.#events = events;
    this.#service = service;
  }

  append(line: string): void {
    try {
      mkdirSync(dirname(this.#file), { recursive: true });
      appendFileSync(this.#file, `${line}\n`);
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) writeFailed(this.#events, this.#service, this.#file, error);
      this.#isFailing = true;
    }
  }
}

/**
 * Emits the event write-failed for what could not be written in the background, where no caller receives the error.
 * @param what the file, or what it would have stored
 */
export const writeFailed = (events: Events, service: string, what: string, error: unknown): void =>
  events.emit(service, "write-failed", { what, error: errorMessage(error) });
