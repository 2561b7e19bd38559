import * as v from "valibot";
import { DAY_MS, HOUR_MS } from "../../base/durations.ts";
import { CONSENT_WORDINGS, isKnownWording, OWN_WORDING } from "../../schemas/consent-wordings.ts";
import { consent as consentSchema, nameKey, personName, type Consent } from "../../schemas/person.ts";
import { CsvError, parseCsv } from "../csv.ts";
import { UsageError } from "../command.ts";
import { iso, readDuration } from "../text.ts";

/** A consent as it was given to a command. What was left out keeps that of a person's stored consent. */
export interface GivenConsent {
  readonly consent: Consent;
  /** Whether its day or its expiry were given, rather than set by default. */
  readonly isDated: boolean;
  readonly isLimited: boolean;
}

/** How long a consent holds unless it says so itself. */
export const DEFAULT_EXPIRY = "365d";

/** Text that is no valid consent. */
class ConsentError extends Error {
  override readonly name = "ConsentError";
}

interface ConsentText {
  readonly wording: string;
  readonly givenBy: string;
  readonly givenOn: string | undefined;
  readonly expires: string | undefined;
}

/** What a flag or a column of a consent is called. */
type Names = Readonly<Record<keyof ConsentText, string>>;

const FLAG_NAMES: Names = {
  wording: "--consent",
  givenBy: "--given-by",
  givenOn: "--given-on",
  expires: "--expires",
};

const COLUMN_NAMES: Names = {
  wording: "wording",
  givenBy: "given_by",
  givenOn: "given_on",
  expires: "expires",
};

export const CONSENT_COLUMNS: readonly string[] = [
  "name",
  ...["givenBy", "givenOn", "wording", "expires"].map((field) => COLUMN_NAMES[field as keyof Names]),
];

/** A day in the east begins up to 14 hours before it does in UTC. */
const EARLIEST_DAY_MS = 14 * HOUR_MS;

/** Reads a consent. @throws ConsentError that names the flag or column */
function readConsent(text: ConsentText, names: Names, nowMs: number): GivenConsent {
  const wording = text.wording.trim();
  if (!isKnownWording(wording))
    throw new ConsentError(
      `${names.wording} is ${wording || "empty"}; expected the version of a wording that Doorstep has (${Object.keys(CONSENT_WORDINGS).join(", ")}; npx doorstep faces consent prints it), or of your own, e.g. ${OWN_WORDING}2026-02`,
    );
  const givenAtMs =
    text.givenOn === undefined ? nowMs - (nowMs % DAY_MS) : readDay(names.givenOn, text.givenOn);
  if (givenAtMs > nowMs + EARLIEST_DAY_MS)
    throw new ConsentError(
      `${names.givenOn} is ${text.givenOn}, which is in the future; enrol once the consent is given`,
    );
  const begunMs = Math.min(givenAtMs, nowMs);
  const expiresAtMs = readExpiry(names.expires, text.expires ?? DEFAULT_EXPIRY, begunMs);
  if (expiresAtMs <= nowMs)
    throw new ConsentError(
      `the consent expired on ${iso(expiresAtMs).slice(0, 10)}${text.expires === undefined ? `, ${DEFAULT_EXPIRY} after it was given` : ` (${names.expires} ${text.expires})`}; ask the person for a new one`,
    );
  const parsed = v.safeParse(consentSchema, {
    givenBy: text.givenBy,
    givenAtMs: begunMs,
    wording,
    expiresAtMs,
  });
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new ConsentError(`${names[issue.path?.[0]?.key as "givenBy" | "wording"]}: ${issue.message}`);
  }
  return {
    consent: parsed.output,
    isDated: text.givenOn !== undefined,
    isLimited: text.expires !== undefined,
  };
}

/** The begin of a day in UTC. @throws ConsentError */
function readDay(name: string, text: string): number {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(day) || iso(day).slice(0, 10) !== text)
    throw new ConsentError(`${name} is ${text || "empty"}; expected a day such as 2026-11-30`);
  return day;
}

/** A day, at whose begin it expires, or how long after it was given. @throws ConsentError */
function readExpiry(name: string, text: string, givenAtMs: number): number {
  if (/^\d{4}-/.test(text)) return readDay(name, text);
  try {
    return givenAtMs + readDuration(name, text);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new ConsentError(
      `${name} is ${text || "empty"}; expected a day such as 2027-11-30, or a duration such as 365d`,
    );
  }
}

/** The flags of one consent for all that are enrolled. */
interface ConsentFlags {
  readonly consent: string | undefined;
  readonly "given-by": string | undefined;
  readonly "given-on": string | undefined;
  readonly expires: string | undefined;
}

/** The consent of the flags. @throws UsageError that names the flag, also when there is no consent */
export function consentOfFlags(flags: ConsentFlags, nowMs: number): GivenConsent {
  if (flags.consent === undefined || flags["given-by"] === undefined)
    throw new UsageError(
      "nobody is enrolled without consent; expected --consent with the version of the wording and --given-by, or --consents with a file",
    );
  const text = {
    wording: flags.consent,
    givenBy: flags["given-by"],
    givenOn: flags["given-on"],
    expires: flags.expires,
  };
  try {
    return readConsent(text, FLAG_NAMES, nowMs);
  } catch (error) {
    throw error instanceof ConsentError ? new UsageError(error.message) : error;
  }
}

/** A row of a file of consents. */
interface NamedConsent extends GivenConsent {
  readonly line: number;
  readonly name: string;
}

/** Consents by {@link nameKey}, and the rows that are none. */
export interface Consents {
  readonly byKey: ReadonlyMap<string, NamedConsent>;
  readonly problems: readonly { readonly line: number; readonly key?: string; readonly reason: string }[];
}

/**
 * Reads a table of consents, a row per name; each row is checked by itself.
 * @throws UsageError for invalid CSV and a wrong header
 */
export function readConsents(text: string, nowMs: number): Consents {
  const [header, ...rows] = parsed(text);
  const columns = header?.cells.map((cell) => cell.trim()) ?? [];
  const missing = CONSENT_COLUMNS.filter((column) => !columns.includes(column));
  if (missing.length > 0 || columns.length !== CONSENT_COLUMNS.length)
    throw new UsageError(`line 1: expected a header with exactly the columns ${CONSENT_COLUMNS.join(", ")}`);
  const byKey = new Map<string, NamedConsent>();
  const problems: { line: number; key?: string; reason: string }[] = [];
  for (const { line, cells } of rows) {
    if (cells.length !== columns.length) {
      problems.push({
        line,
        reason: `line ${line}: ${cells.length} cells; expected ${columns.length} as in the header`,
      });
      continue;
    }
    const cell = (column: string): string => cells[columns.indexOf(column)]!.trim();
    const name = v.safeParse(personName, cell("name").normalize("NFC"));
    if (!name.success) {
      problems.push({ line, reason: `line ${line}: name: ${name.issues[0].message}` });
      continue;
    }
    const key = nameKey(name.output);
    const before = byKey.get(key);
    if (before) {
      problems.push({
        line,
        key,
        reason: `line ${line}: the name is on line ${before.line} already; expected it once`,
      });
      continue;
    }
    const given: ConsentText = {
      wording: cell("wording"),
      givenBy: cell("given_by"),
      givenOn: cell("given_on"),
      expires: cell("expires") || undefined,
    };
    try {
      byKey.set(key, { line, name: name.output, ...readConsent(given, COLUMN_NAMES, nowMs) });
    } catch (error) {
      if (!(error instanceof ConsentError)) throw error;
      problems.push({ line, key, reason: `line ${line}: ${error.message}` });
    }
  }
  return { byKey, problems };
}

function parsed(text: string) {
  try {
    return parseCsv(text);
  } catch (error) {
    throw error instanceof CsvError ? new UsageError(error.message) : error;
  }
}

/**
 * The consent that a known person has after this one was given: the stored one where it says the same, else undefined, as a
 * renewal needs a confirmation.
 */
export function keptConsent(
  stored: Consent,
  { consent, isDated, isLimited }: GivenConsent,
  nowMs: number,
): Consent | undefined {
  const isSame =
    stored.expiresAtMs > nowMs &&
    stored.wording === consent.wording &&
    stored.givenBy === consent.givenBy &&
    (!isDated || stored.givenAtMs === consent.givenAtMs) &&
    (!isLimited ||
      stored.expiresAtMs === consent.expiresAtMs ||
      (!isDated && lengthMs(stored) === lengthMs(consent)));
  return isSame ? stored : undefined;
}

const lengthMs = ({ givenAtMs, expiresAtMs }: Consent): number => expiresAtMs - givenAtMs;
