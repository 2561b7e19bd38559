import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { messageFor } from "../core/alerts/messages/index.ts";
import { DECISION_REASONS } from "../schemas/alert-decision.ts";
import { TARGET_FORMATS } from "../schemas/alert-target.ts";
import { deliveryOf, targetOf } from "./core/alerts/samples.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (file: string): string => readFileSync(root + file, "utf8");

test("links between our own pages lead somewhere", () => {
  const examples = globSync("examples/**/*.md", { cwd: root });
  const pages = ["README.md", "local/README.md", ...globSync("docs/*.md", { cwd: root }), ...examples];
  const broken = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
      .map(([, target]) => new URL(target!, `file://${root}${page}`))
      .filter((url) => globSync(fileURLToPath(url)).length === 0)
      .map((url) => `${page}: ${url.pathname}`),
  );
  expect(broken).toEqual([]);
});

test("the page about alerts shows the body that is sent in each format", () => {
  const page = read("docs/alerts.md");
  const links = {
    frame: "https://api.example/media/<frame>",
    crop: "https://api.example/media/<crop>",
    snooze: "https://api.example/snooze/<link>",
  };
  const urls = { ntfy: "https://ntfy.sh/my-door", slack: "https://hooks.slack.com/services/…" };
  for (const format of TARGET_FORMATS) {
    const url = format in urls ? urls[format as keyof typeof urls] : "https://example.com/hook";
    const message = messageFor(
      { delivery: deliveryOf(), target: targetOf({ format, url }), links, persons: [] },
      "secret",
      0,
    );
    const sent = message.via === "webhook" ? message.body : message.via === "topic" ? message.text : "";
    const shown = new RegExp(`<!-- body: ${format} -->\n+\`\`\`\\w*\n([^]*?)\`\`\``).exec(page)?.[1];
    if (format === "home-assistant") expect(shown).toBeUndefined();
    else if (format === "sns") expect(shown).toBe(`${sent}\n`);
    else expect(JSON.parse(shown!)).toEqual(JSON.parse(sent));
  }
});

test("the page about alerts has every reason of a decision", () => {
  const rows = [
    ...read("docs/alerts.md").matchAll(/^\| (?:raised|merged|suppressed) +\| `([\w-]+)` +\| (.*?) +\|$/gm),
  ];
  expect(Object.fromEntries(rows.map(([, reason, meaning]) => [reason, meaning]))).toEqual(DECISION_REASONS);
});
