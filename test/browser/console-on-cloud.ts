/**
 * Opens the console of `npm start`, and that of `npx doorstep console` with the local cloud's address and credentials as if it
 * were AWS, in a real browser: pictures load, video plays, what one page changes the other shows, and both say so when the
 * cloud is gone. Uses Chromium from the path in CHROMIUM, by default Debian's; without Chromium, it prints that and checks
 * nothing.
 *
 *     node test/browser/console-on-cloud.ts
 */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { START_FLAGS } from "../support/start-flags.ts";
import { checkAccessibility, checkLayout } from "./page-checks.ts";

const root = new URL("../../", import.meta.url);
const SCREENS = ["activity", "day", "cameras", "try", "ask", "flow"];
const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

if (existsSync(executablePath)) await checkAll();
else console.log(`Skipped: no Chromium at ${executablePath}; set CHROMIUM to its path`);

async function checkAll(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "doorstep-console-"));
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  const cloud = start([
    ...START_FLAGS,
    "demo/main.ts",
    "--aws-port",
    "0",
    "--http-port",
    "0",
    "--data",
    folder,
  ]);
  let other: Started | undefined;
  try {
    const local = await cloud.printed(/^Console {2}(http\S+)/m);
    const endpoint = await cloud.printed(/AWS_ENDPOINT_URL=(\S+)/);
    other = start(["cli/main.ts", "console", "--port", "0"], {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
    });
    const remote = await other.printed(/^Console {2}(http\S+)/m);
    await checkScreens(browser, remote);
    await checkToken(browser, remote);
    await checkBoth(browser, local, remote, () => cloud.stop());
  } finally {
    await other?.stop();
    await cloud.stop();
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Started {
  /** What the process prints where the pattern's group is, once it does. */
  printed(pattern: RegExp): Promise<string>;
  stop(): Promise<void>;
}

function start(words: readonly string[], env: Readonly<Record<string, string>> = {}): Started {
  const child: ChildProcess = spawn(process.execPath, words, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  let more = Promise.withResolvers<void>();
  const wake = (): void => {
    more.resolve();
    more = Promise.withResolvers();
  };
  child.once("exit", wake);
  for (const stream of [child.stdout!, child.stderr!])
    stream.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      wake();
    });
  return {
    printed: async (pattern) => {
      for (;;) {
        const found = pattern.exec(text)?.[1];
        if (found !== undefined) return found;
        if (child.exitCode !== null) throw new Error(`${words.join(" ")} ended:\n${text}`);
        await more.promise;
      }
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGINT");
      await exited;
    },
  };
}

function contextOf(browser: Browser, width: number): Promise<BrowserContext> {
  return browser.newContext({ viewport: { width, height: 844 } });
}

/** Opens a page that fails on any console message. */
async function open(context: BrowserContext, address: string): Promise<{ page: Page; messages: string[] }> {
  const page = await context.newPage();
  const messages: string[] = [];
  page.on("console", (message) => messages.push(`${message.text()} ${message.location().url}`));
  page.on("pageerror", (error) => messages.push(error.message));
  await page.goto(address);
  return { page, messages };
}

/** Every screen with real answers, at both widths. */
async function checkScreens(browser: Browser, address: string): Promise<void> {
  for (const width of [390, 1280]) {
    const context = await contextOf(browser, width);
    const { page, messages } = await open(context, address);
    for (const screen of SCREENS) {
      await page.goto(new URL(`/${screen}`, address).href);
      await page.locator("main h1").waitFor();
      await page.locator("main .loading").first().waitFor({ state: "detached" });
      await page.locator(".status.live").waitFor();
      await checkLayout(page);
      await checkAccessibility(page);
      assert.equal(await page.locator(".failed").count(), 0, `nothing fails on ${screen}`);
      console.log(`${screen}, ${width} px: fine`);
    }
    assert.deepEqual(messages, [], "the console stays silent");
    await context.close();
  }
}

/** Without the token, the page says where it is; in another tab, the same browser has it. */
async function checkToken(browser: Browser, address: string): Promise<void> {
  const context = await contextOf(browser, 1280);
  const { page } = await open(context, new URL("/", address).href);
  await page.getByRole("heading", { name: "Open the address that was printed last" }).waitFor();
  const { page: second } = await open(context, address);
  await second.locator(".chain").first().waitFor();
  assert.equal(new URL(second.url()).search, "", "the token is not in the address any more");
  await page.locator(".chain").first().waitFor();
  await context.close();
  console.log("token: fine");
}

/** Two consoles of one cloud: what is changed in one is so in the other; then the cloud stops. */
async function checkBoth(
  browser: Browser,
  local: string,
  remote: string,
  stopCloud: () => Promise<void>,
): Promise<void> {
  const context = await contextOf(browser, 1280);
  const { page: here } = await open(context, local);
  const { page: there } = await open(context, remote);
  for (const page of [here, there]) await page.locator(".chain").nth(1).waitFor();
  const sizes = await there.evaluate<number[]>(
    `Promise.all([...document.querySelectorAll(".chain img")].map(async (image) => {
      await image.decode();
      return image.naturalWidth;
    }))`,
  );
  assert.ok(sizes.length === 2 && sizes.every((width) => width > 0), "pictures are loaded");

  // Reviewed is for everyone who opens the console.
  const name = await there.locator("[data-chain]").first().getAttribute("data-chain");
  const wrote = there.waitForResponse((response) => response.request().method() === "PUT");
  await there.keyboard.press("j");
  await there.keyboard.press("r");
  assert.equal((await wrote).status(), 200);
  await here.reload();
  await here.locator(`.chain.reviewed [data-chain="${name}"]`).waitFor();

  // The video plays. A key counts as soon as the dialog is open, before its first frame.
  await there.evaluate(`new MutationObserver((_, observer) => {
    if (!document.querySelector("dialog[open]")) return;
    observer.disconnect();
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "p", bubbles: true }));
  }).observe(document.body, { subtree: true, childList: true, attributes: true })`);
  await there.keyboard.press("Enter");
  await there.locator("video").waitFor();
  await there.evaluate(`(() => {
    const video = document.querySelector("video");
    return new Promise((resolve) => {
      if (video.currentTime > 0) resolve();
      else video.addEventListener("timeupdate", () => resolve());
    });
  })()`);
  await there.keyboard.press("Escape");

  // A camera is disarmed there, and is so here.
  await there.goto(new URL("/cameras", remote).href);
  await there.getByLabel("Armed: front-door").click();
  await there.getByText("front-door is disarmed").waitFor();
  await here.goto(new URL("/cameras", local).href);
  await here.getByText("disarmed").waitFor();

  await there.goto(new URL("/day?camera=front-door", remote).href);
  await there.locator(".lane path[d^=M]").first().waitFor();

  await stopCloud();
  await there.getByText("the cloud does not respond, trying again").waitFor();
  await here.getByText("connection lost, trying again").waitFor();
  await context.close();
  console.log("two consoles of one cloud: fine");
}
