/** Takes the pictures of the console in the README; see `--help`. */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";

const help = `Takes the pictures of the console in docs/, in light and dark, with Chromium.

  npm start                                            # prints the console's address
  node tools/picture-console.ts <address> [--chromium <path>]

  --chromium  path of the browser, default /usr/bin/chromium
  --help      this text
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    chromium: { type: "string", default: "/usr/bin/chromium" },
    help: { type: "boolean", default: false },
  },
});
const [address] = positionals;
if (values.help || address === undefined) {
  process.stdout.write(help);
  process.exit(values.help ? 0 : 2);
}

const browser = await chromium.launch({ executablePath: values.chromium, args: ["--no-sandbox"] });
try {
  for (const colorScheme of ["light", "dark"] as const) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 620 }, colorScheme });
    await page.goto(address);
    await page.locator(".chain .picture svg").first().waitFor();
    await page.waitForLoadState("load");
    const file = fileURLToPath(new URL(`../docs/console-${colorScheme}.png`, import.meta.url));
    await page.screenshot({ path: file });
    console.log(file);
    await page.close();
  }
} finally {
  await browser.close();
}
