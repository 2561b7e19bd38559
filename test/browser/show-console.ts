/**
 * Opens each screen of the console in a real browser, at the width of a phone and of a desktop, light and dark, with canned
 * answers. Fails on console messages, sideways scrolling, what axe-core finds, names that are not shown as text, and keys
 * that do nothing. Writes a screenshot of each. Uses Chromium from the path in CHROMIUM, by default Debian's; without
 * Chromium, it prints that and checks nothing.
 *
 *     node test/browser/show-console.ts [screen]
 */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";
import { FAILED_ID, RUNNING_ID } from "./console-answers.ts";
import { HOSTILE, NOW_MS, startConsoleFixture, type ConsoleFixture } from "./console-fixture.ts";
import { checkAccessibility, checkLayout } from "./page-checks.ts";

const WIDTHS = [390, 1280];
const SCHEMES = ["light", "dark"] as const;

/** What is shown at each address, and what is done there by keyboard. */
const SHOWN: readonly {
  readonly name: string;
  readonly path: string;
  readonly ready: string;
  readonly check?: (page: Page, fixture: ConsoleFixture) => Promise<void>;
}[] = [
  { name: "activity", path: "/activity", ready: ".chain", check: checkActivity },
  {
    name: "motion",
    path: `/activity?chain=front-door.${NOW_MS - 240_000}`,
    ready: "dialog .picture svg",
    check: checkMotion,
  },
  { name: "day", path: "/day?camera=front-door", ready: ".lane", check: checkDay },
  { name: "cameras", path: "/cameras", ready: ".camera", check: checkCameras },
  { name: "camera", path: "/cameras?camera=front-door", ready: ".handle", check: checkCamera },
  { name: "try", path: "/try?camera=front-door", ready: ".attempt", check: checkTry },
  { name: "ask", path: "/ask?query=busiest-hours", ready: ".ask-estimate", check: checkAsk },
  { name: "flow", path: "/flow", ready: ".flow-path.due", check: checkFlow },
];

const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const folder = mkdtempSync(join(tmpdir(), "doorstep-console-"));
const [only] = process.argv.slice(2);

if (existsSync(executablePath)) await checkAll();
else console.log(`Skipped: no Chromium at ${executablePath}; set CHROMIUM to its path`);

async function checkAll(): Promise<void> {
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    for (const shown of SHOWN.filter(({ name }) => only === undefined || only === name))
      for (const width of WIDTHS)
        for (const colorScheme of SCHEMES) {
          const { page, fixture, close } = await open(browser, shown.path, { width, colorScheme });
          await page.locator(shown.ready).first().waitFor();
          await page.waitForLoadState("networkidle");
          await checkLayout(page);
          await checkAccessibility(page);
          const picture = join(folder, `${shown.name}-${width}-${colorScheme}.png`);
          await page.screenshot({ path: picture });
          await shown.check?.(page, fixture);
          await close();
          console.log(`${shown.name}, ${width} px, ${colorScheme}: fine, ${picture}`);
        }
    if (only === undefined || only === "states") await checkStates(browser);
  } finally {
    await browser.close();
  }
}

interface Opened {
  readonly page: Page;
  readonly fixture: ConsoleFixture;
  /** Fails on what the page wrote to the console. */
  readonly close: () => Promise<void>;
}

async function open(
  browser: Browser,
  path: string,
  {
    width = 1280,
    colorScheme = "light",
    change,
  }: {
    readonly width?: number;
    readonly colorScheme?: "light" | "dark";
    readonly change?: (fixture: ConsoleFixture) => void;
  } = {},
): Promise<Opened> {
  const fixture = await startConsoleFixture();
  change?.(fixture);
  const page = await browser.newPage({
    viewport: { width, height: width < 500 ? 844 : 800 },
    colorScheme,
    timezoneId: "UTC",
  });
  const messages: string[] = [];
  page.on("console", (message) => {
    // Pictures expire, and the API may fail: the browser itself says so.
    const isOwn = message.location().url.includes("/api/");
    if (!isOwn) messages.push(message.text());
  });
  page.on("pageerror", (error) => messages.push(error.message));
  await page.clock.install({ time: NOW_MS });
  await page.goto(fixture.url + path);
  return {
    page,
    fixture,
    close: async () => {
      await page.close();
      await fixture.close();
      assert.deepEqual(messages, [], "the console stays silent");
    },
  };
}

function focused(page: Page): Promise<string> {
  return page.evaluate<string>("document.activeElement?.dataset.chain ?? ''");
}

async function checkActivity(page: Page, fixture: ConsoleFixture): Promise<void> {
  assert.equal(await page.getByText(HOSTILE.slice(0, 20)).count() > 0, true, "hostile names are text"); // prettier-ignore
  const [first, second] = fixture.state.chains;
  await page.keyboard.press("j");
  assert.equal(await focused(page), first!.chainId);
  await page.keyboard.press("j");
  assert.equal(await focused(page), second!.chainId);
  await page.keyboard.press("k");
  await page.getByText("5 of 7 to review").waitFor();
  const marked = fixture.wrote();
  await page.keyboard.press("r");
  await page.getByText("4 of 7 to review").waitFor();
  await page.locator(".chain.reviewed [data-chain]").first().waitFor();
  await marked;
  assert.deepEqual(fixture.writes, [`PUT /api/chains/${first!.chainId}/review {"reviewed":true}`]);
  await page.keyboard.press("Enter");
  await page.locator("dialog[open]").waitFor();
  assert.equal(new URL(page.url()).searchParams.get("chain"), first!.chainId);
  await page.keyboard.press("j");
  await page.waitForURL((url) => url.searchParams.get("chain") === second!.chainId);
  await page.keyboard.press("Escape");
  await page.locator("dialog[open]").waitFor({ state: "detached" });
  await page.keyboard.press("?");
  await page.getByRole("heading", { name: "Keys" }).waitFor();
  await page.keyboard.press("Escape");

  // What is new appears by itself.
  fixture.state.chains.unshift({
    ...first!,
    chainId: `garage.${NOW_MS}`,
    cameraId: "garage",
    startedAtMs: NOW_MS,
  });
  fixture.emit("activity", { atMs: NOW_MS, tables: ["detections"] });
  await page.locator(`[data-chain="garage.${NOW_MS}"]`).waitFor();
  assert.match(await page.locator("main [role=status]").first().innerText(), /New motion at garage: Person/);

  // Filters are in the address.
  await page.getByLabel("Label").selectOption("PET");
  await page.waitForURL((url) => url.searchParams.get("label") === "PET");
  await page.getByText("To review", { exact: true }).click();
  await page.waitForURL((url) => url.searchParams.get("reviewed") === "false");
  await page.reload();
  await page.locator(".chain").first().waitFor();
  assert.equal(await page.locator(".chain").count(), 1);
}

async function checkMotion(page: Page, fixture: ConsoleFixture): Promise<void> {
  assert.equal(await page.locator("dialog .picture rect:not(.halo)").count(), 2, "both boxes are drawn");
  await page.locator("dialog .detections button").nth(2).click();
  assert.equal(await page.locator("dialog .detections button").nth(2).getAttribute("aria-pressed"), "true");
  // A clip whose video is gone: words, and nothing else.
  await page.keyboard.press("p");
  await page.getByText("The stream keeps no video from then.").waitFor();
  assert.deepEqual(fixture.writes, []);
}

async function checkDay(page: Page): Promise<void> {
  const scrubber = page.locator(".scrubber");
  assert.match((await scrubber.getAttribute("aria-valuetext"))!, /^18:26:11: motion, analysed$/);
  await page.keyboard.press("k");
  assert.match((await scrubber.getAttribute("aria-valuetext"))!, /^18:26:09/);
  for (let press = 0; press < 2; press++) await page.keyboard.press("k");
  assert.match((await scrubber.getAttribute("aria-valuetext"))!, /not analysed: the stream had no video/);
  await page.keyboard.press("+");
  await page.keyboard.press("+");
  assert.equal(await page.locator(".axis span").first().innerText() !== "00:00", true, "the view is closer"); // prettier-ignore
  await scrubber.focus();
  await page.keyboard.press("ArrowRight");
  assert.match(new URL(page.url()).searchParams.get("at") ?? "", /^\d+$/);
  await page.locator("main").focus();
  await page.keyboard.press("[");
  await page.waitForURL((url) => url.searchParams.get("date") === "2026-11-29");
}

async function checkCameras(page: Page, fixture: ConsoleFixture): Promise<void> {
  await page.getByLabel("Armed: back-yard").click();
  await page.getByText("back-yard is disarmed").waitFor();
  assert.deepEqual(fixture.writes, ["POST /api/cameras/back-yard/disarm {}"]);
}

async function checkCamera(page: Page, fixture: ConsoleFixture): Promise<void> {
  await page.getByLabel(/^Corner 1 of region 1/).focus();
  await page.keyboard.press("Shift+ArrowLeft");
  await page.keyboard.press("ArrowUp");
  await page.getByRole("button", { name: "Add a corner between 1 and 2" }).click();
  await page.getByText("Always").click();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved the settings of front-door").waitFor();
  const [write] = fixture.writes;
  assert.match(write!, /^PUT \/api\/cameras\/front-door\/settings /);
  assert.deepEqual(JSON.parse(write!.slice(write!.indexOf("{"))), {
    schedule: null,
    timeZone: "Europe/Berlin",
    regions: [
      {
        polygon: [
          { x: 0.25, y: 0.44 },
          { x: 0.425, y: 0.445 },
          { x: 0.6, y: 0.45 },
          { x: 0.72, y: 0.98 },
          { x: 0.2, y: 0.98 },
        ],
      },
    ],
  });
}

async function checkTry(page: Page, fixture: ConsoleFixture): Promise<void> {
  await page.getByText("The signature must cover exactly this text:").first().waitFor();
  await page.getByRole("button", { name: "Motion started" }).click();
  await page.getByText("The motion API responded 202").waitFor();
  assert.deepEqual(fixture.writes, ['POST /api/tries/motion {"camera":"front-door","verb":"start"}']);
  const clip = { name: "clip.mp4", mimeType: "video/mp4", buffer: Buffer.from("video") };
  await page.locator(".drop-zone input").setInputFiles(clip);
  await page.getByText("10 s of video, 5 fragments stored, and its motion reported.").waitFor();
  assert.equal(fixture.writes.at(-1), "POST /api/tries/clip video");
  await page.locator(".hop summary").first().click();
  await page.getByText('"verdict": "accepted"').waitFor();
}

async function checkAsk(page: Page, fixture: ConsoleFixture): Promise<void> {
  await page.getByLabel("from").first().fill("30d");
  await page.clock.runFor(1000);
  await page.getByRole("button", { name: "Run" }).click();
  await page.getByText("5 rows and more in 1 s, 1.8 MB scanned, $0.00005 at list price").waitFor();
  assert.deepEqual(fixture.writes, [
    'POST /api/queries {"name":"busiest-hours","parameters":{"from":"30d"}}',
  ]);
  assert.equal(new URL(page.url()).searchParams.get("p.from"), "30d", "the address has the question");
  await checkLayout(page);
  await checkAccessibility(page);
  await page.getByText("Chart", { exact: true }).click();
  await page.getByText("detections by camera_id, hour").waitFor();
  assert.equal(await page.locator(".ask-chart li").count(), 5);
  await checkLayout(page);
  await checkAccessibility(page);
  await page.screenshot({
    path: join(folder, `ask-chart-${page.viewportSize()!.width}.png`),
    fullPage: true,
  });

  // A query that this page started ends with it: on another screen, and when the page is closed.
  for (const leave of [
    () => page.getByRole("link", { name: "Activity" }).first().click(),
    () => page.goto(`${fixture.url}/ask?id=${FAILED_ID}`),
  ]) {
    await page.goto(`${fixture.url}/ask?sql=endless`);
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByText("It is stopped when you leave this page.").waitFor();
    fixture.writes.length = 0;
    const stopped = fixture.wrote();
    await leave();
    await stopped;
    assert.deepEqual(fixture.writes, [`DELETE /api/queries/${RUNNING_ID} {}`]);
  }

  await page.getByRole("heading", { name: /Column 'lable' cannot be resolved/ }).waitFor();
  assert.equal(await page.locator("mark").innerText(), "lable");
  await checkAccessibility(page);

  await page.goto(`${fixture.url}/ask?id=${RUNNING_ID}`);
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("heading", { name: "The query was cancelled" }).waitFor();
}

async function checkFlow(page: Page, fixture: ConsoleFixture): Promise<void> {
  await page.screenshot({
    path: join(folder, `flow-whole-${page.viewportSize()!.width}.png`),
    fullPage: true,
  });
  await page.getByRole("button", { name: "Redrive alert-deliveries" }).click();
  await checkAccessibility(page);
  assert.deepEqual(fixture.writes, [], "nothing is put back before the confirmation");
  await page.getByRole("button", { name: "Put back 3 records" }).click();
  await page.getByText("it is no delivery").waitFor();
  assert.deepEqual(fixture.writes, ["POST /api/flow/alert-deliveries/redrive {}"]);
}

/** Nothing there, failures, a lost connection and a stale token: each in words. */
async function checkStates(browser: Browser): Promise<void> {
  const empty = await open(browser, "/activity", { width: 390, change: ({ state }) => (state.chains = []) });
  await empty.page.getByRole("heading", { name: "Nothing has been seen yet" }).waitFor();
  await checkAccessibility(empty.page);
  await empty.close();

  const failed = await open(browser, "/activity", {
    change: ({ state }) =>
      (state.problem = { status: 502, error: "Athena does not respond", remedy: "try again" }),
  });
  await failed.page.getByRole("heading", { name: "Athena does not respond." }).waitFor();
  await checkAccessibility(failed.page);
  failed.fixture.state.problem = undefined;
  await failed.page.getByRole("button", { name: "Try again" }).click();
  await failed.page.locator(".chain").first().waitFor();
  await failed.close();

  const denied = await open(browser, "/activity", {
    change: ({ state }) =>
      (state.problem = { status: 401, error: "no token", remedy: "open the printed address" }),
  });
  await denied.page.getByRole("heading", { name: "Open the address that was printed last" }).waitFor();
  await checkAccessibility(denied.page);
  denied.fixture.state.problem = undefined;
  await denied.page.clock.runFor(5000);
  await denied.page.locator(".chain").first().waitFor();
  await denied.close();

  const lost = await open(browser, "/activity");
  await lost.page.locator(".status.live").waitFor();
  lost.fixture.emit("cloud", { state: "lost", error: "no response" });
  await lost.page.getByText("the cloud does not respond, trying again").waitFor();
  lost.fixture.emit("cloud", { state: "back" });
  await lost.page.locator(".status.live").waitFor();
  lost.fixture.state.problem = { status: 503, error: "gone", remedy: "wait" };
  lost.fixture.disconnect();
  await lost.page.clock.runFor(3000);
  await lost.page.getByText("connection lost, trying again").waitFor();
  assert.ok((await lost.page.locator(".chain").count()) > 0, "what was read stays");
  lost.fixture.state.problem = undefined;
  await lost.page.clock.runFor(20_000);
  await lost.page.locator(".status.live").waitFor();
  // A page that cannot be seen takes no connection, and catches up when it can.
  const hide = (isHidden: boolean): Promise<unknown> =>
    lost.page.evaluate(`Object.defineProperty(document, "hidden", { configurable: true, value: ${isHidden} });
      document.dispatchEvent(new Event("visibilitychange"))`);
  const [first] = lost.fixture.state.chains;
  const closed = lost.fixture.connectionsBecome(0);
  await hide(true);
  await closed;
  lost.fixture.state.chains.unshift({ ...first!, chainId: `garage.${NOW_MS}`, startedAtMs: NOW_MS });
  await hide(false);
  await lost.page.locator(`[data-chain="garage.${NOW_MS}"]`).waitFor();
  await lost.close();
  console.log("states: fine");
}
