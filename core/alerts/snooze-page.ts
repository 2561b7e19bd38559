/** The page behind a snooze link: HTML without scripts, which loads nothing. Pure. */
import { createHash } from "node:crypto";
import type { Snoozed } from "../../schemas/snooze.ts";
import { MAX_SNOOZE_MINUTES } from "./snooze.ts";

/** What a link may snooze, and for how long it is snoozed. */
export interface SnoozeState {
  readonly of: Snoozed;
  /** 0 when it is awake. */
  readonly minutes: number;
}

const CHOICES = [
  { minutes: 15, text: "15 minutes" },
  { minutes: 60, text: "1 hour" },
  { minutes: 480, text: "8 hours" },
  { minutes: MAX_SNOOZE_MINUTES, text: "Until woken" },
] as const;

const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f3f4f6; --card: #ffffff; --text: #16202c; --quiet: #556170; --line: #d5dae1;
  --accent: #1a5fb4; --on-accent: #ffffff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #101318; --card: #1a1f27; --text: #e8ecf1; --quiet: #9aa6b4; --line: #343c48;
    --accent: #8ab8f5; --on-accent: #0d1a2b;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0;
  min-height: 100vh;
  min-height: 100dvh;
  display: grid;
  place-items: start center;
  padding: clamp(1rem, 5vh, 4rem) 1rem 2rem;
  background: var(--page);
  color: var(--text);
  font: 1.0625rem/1.5 system-ui, sans-serif;
}
main {
  width: min(100%, 28rem);
  padding: 1.5rem;
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: 1rem;
}
h1 { margin: 0 0 1rem; font-size: 1.375rem; line-height: 1.25; overflow-wrap: anywhere; text-wrap: balance; }
p { margin: 0 0 1rem; color: var(--quiet); overflow-wrap: anywhere; }
p:last-child { margin-bottom: 0; }
.note { margin-top: 1rem; font-size: .9375rem; }
.done { color: var(--text); font-weight: 600; text-wrap: balance; padding: .75rem 1rem; border: 1px solid var(--accent); border-radius: .625rem; }
ul { margin: 0 0 1rem; padding: 0; list-style: none; color: var(--quiet); }
li { overflow-wrap: anywhere; }
fieldset { margin: 0 0 1rem; padding: 0; border: 0; }
legend { padding: 0; margin-bottom: .5rem; font-weight: 600; }
label { display: flex; gap: .625rem; align-items: baseline; min-height: 2.75rem; padding: .5rem 0; overflow-wrap: anywhere; }
label span { min-width: 0; }
input { flex: none; width: 1.125rem; height: 1.125rem; margin: 0; accent-color: var(--accent); transform: translateY(.125rem); }
.choices { display: grid; grid-template-columns: 1fr 1fr; gap: .625rem; }
button {
  min-height: 3rem;
  padding: .5rem;
  font: inherit;
  font-weight: 600;
  color: var(--on-accent);
  background: var(--accent);
  border: 1px solid var(--accent);
  border-radius: .625rem;
  cursor: pointer;
}
button.wake { grid-column: 1 / -1; color: var(--accent); background: transparent; }
button:focus-visible, input:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
`;

const styleHash = createHash("sha256").update(STYLE).digest("base64");

/** The Content-Security-Policy of every page: its own style, forms to its own address, and nothing else. */
export const pageSecurity = `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;

/**
 * The page with its buttons.
 * @param states the camera first
 * @param done what was just done, as it is now
 */
export function snoozePage(states: readonly [SnoozeState, ...SnoozeState[]], done?: SnoozeState): string {
  const [camera, ...rules] = states;
  const snoozed = states.filter(({ minutes }) => minutes > 0);
  const title = `Snooze the alerts of ${camera.of.id}`;
  return document(
    title,
    `<h1>${escaped(title)}</h1>
${done ? `<p class="done" role="status">${escaped(sentenceOf(done))}</p>` : ""}
${others(snoozed, done)}
<form method="post">
${
  rules.length > 0
    ? targets(
        camera.of,
        rules.map(({ of }) => of),
        done?.of,
      )
    : ""
}
<div class="choices">
${CHOICES.map(({ minutes, text }) => button(minutes, text)).join("\n")}
${button(0, "Wake up now", "wake")}
</div>
</form>
<p class="note">Motion is analysed and stored as before. At most after 7 days, the alerts are back.</p>`,
  );
}

/** The page of a refusal. */
export const problemPage = ({ title, detail }: { readonly title: string; readonly detail: string }): string =>
  document(title, `<h1>${escaped(title)}</h1>\n<p>${escaped(capitalised(detail))}.</p>`);

/** What one of them is now, e.g. `No alerts of front-door for 1 hour.` */
export function sentenceOf({ of, minutes }: SnoozeState): string {
  const whose = of.kind === "camera" ? of.id : `the rule ${of.id}`;
  return minutes > 0 ? `No alerts of ${whose} for ${durationOf(minutes)}.` : `Alerts of ${whose} are on.`;
}

function others(snoozed: readonly SnoozeState[], done: SnoozeState | undefined): string {
  const rest = snoozed.filter(({ of }) => of.kind !== done?.of.kind || of.id !== done.of.id);
  if (rest.length === 0) return "";
  return `<ul>\n${rest.map((one) => `<li>${escaped(sentenceOf(one))}</li>`).join("\n")}\n</ul>`;
}

function targets(camera: Snoozed, rules: readonly Snoozed[], chosen: Snoozed | undefined): string {
  const choice = (value: string, text: string, isChosen: boolean): string =>
    `<label><input type="radio" name="rule" value="${escaped(value)}"${isChosen ? " checked" : ""}><span>${escaped(text)}</span></label>`;
  const isChosen = ({ id }: Snoozed): boolean => chosen?.kind === "rule" && chosen.id === id;
  return `<fieldset>
<legend>What to snooze</legend>
${choice("", `All alerts of the camera ${camera.id}`, !rules.some(isChosen))}
${rules.map((rule) => choice(rule.id, `The rule ${rule.id}, on all its cameras`, isChosen(rule))).join("\n")}
</fieldset>`;
}

const button = (minutes: number, text: string, kind?: string): string =>
  `<button name="minutes" value="${minutes}"${kind ? ` class="${kind}"` : ""}>${escaped(text)}</button>`;

const document = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;

const UNITS = [
  { minutes: 24 * 60, name: "day" },
  { minutes: 60, name: "hour" },
  { minutes: 1, name: "minute" },
] as const;

/** In at most two units, e.g. `1 hour 5 minutes`. */
export function durationOf(minutes: number): string {
  const first = UNITS.find((unit) => minutes >= unit.minutes) ?? UNITS[2];
  const parts = UNITS.slice(UNITS.indexOf(first), UNITS.indexOf(first) + 2).flatMap((unit, index, units) => {
    const before = units[index - 1];
    const count = Math.floor((before ? minutes % before.minutes : minutes) / unit.minutes);
    return count > 0 ? [`${count} ${unit.name}${count === 1 ? "" : "s"}`] : [];
  });
  return parts.join(" ");
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (character) => ENTITIES[character]!);
