const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const oneDigit = new Intl.NumberFormat("en-US", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const cents = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });

/** `12,345` */
export const count = (value: number): string => whole.format(value);
/** `1 session`, `2 sessions` */
export const counted = (value: number, noun: string): string =>
  `${count(value)} ${noun}${value === 1 ? "" : "s"}`;

/** `97 %`, `97.3 %`; never rounds to 0 or 100: `< 1 %`, `> 99 %`. */
export function percent(share: number, digits = 0): string {
  const smallest = 10 ** -digits;
  const value = share * 100;
  const rounded = Number(value.toFixed(digits));
  if (value > 0 && rounded === 0) return `< ${smallest} %`;
  if (value < 100 && rounded === 100) return `> ${(100 - smallest).toFixed(digits)} %`;
  return `${rounded.toFixed(digits)} %`;
}

/** `12,345 min`; from 6,000 minutes `1,235 h`, below ten minutes `9.5 min`, below one `32 s`. */
export function minutes(ms: number): string {
  if (ms > 0 && Math.round(ms / 1000) < 60) return `${Math.max(1, Math.round(ms / 1000))} s`;
  const value = ms / 60_000;
  if (value >= 6000) return `${whole.format(value / 60)} h`;
  return value >= 10 || value === 0 ? `${whole.format(value)} min` : `${oneDigit.format(value)} min`;
}

/** `7.2 s` */
export const seconds = (ms: number): string => `${oneDigit.format(ms / 1000)} s`;

/** `$12.34`; from $100 without cents, below a cent `< $0.01`. */
export function dollars(usd: number): string {
  if (usd > 0 && usd < 0.01) return "< $0.01";
  return usd >= 100 ? `$${whole.format(usd)}` : cents.format(usd);
}

/** `2026-11-21 09:05 UTC` */
export const time = (ms: number): string =>
  `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;

/** `8.1 MB`; below a tenth of that `12 kB`, below a kilobyte `310 bytes`. */
export function size(bytes: number): string {
  if (bytes < 1000) return counted(bytes, "byte");
  return bytes < 1e5 ? `${whole.format(bytes / 1000)} kB` : `${oneDigit.format(bytes / 1e6)} MB`;
}
