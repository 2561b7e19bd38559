import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { THEME } from "../report/theme.ts";
import { SCREEN_IDS } from "../schemas/console/screens.ts";

/** A static file of the page. */
export interface PageFile {
  readonly body: Buffer;
  readonly contentType: string;
  readonly etag: string;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  "index.html": "text/html; charset=utf-8",
  "page.js": "text/javascript; charset=utf-8",
  "page.css": "text/css; charset=utf-8",
  "icon.svg": "image/svg+xml",
};

const source = new URL("../console/page/", import.meta.url);
/** Where `npm run build` puts the files; the same relative path from a bundled command. */
const built = new URL("../console/built-page/", import.meta.url);

/**
 * The page's static files by their paths: the document at `/` and at each screen's address, the others below `/assets/`.
 * They are bundled from source, unless the command is built.
 */
export async function loadPageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  const files = existsSync(built) ? readBuilt() : await bundlePage();
  const page = new Map<string, PageFile>();
  for (const [name, body] of files) {
    const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
    const file = { body, contentType: CONTENT_TYPES[name]!, etag };
    if (name !== "index.html") page.set(`/assets/${name}`, file);
    else for (const path of ["/", ...SCREEN_IDS.map((id) => `/${id}`)]) page.set(path, file);
  }
  return page;
}

const readBuilt = (): Map<string, Buffer> =>
  new Map(Object.keys(CONTENT_TYPES).map((name) => [name, readFileSync(new URL(name, built))]));

/** Bundles the page's script and style sheet for browsers. */
async function bundlePage(): Promise<Map<string, Buffer>> {
  const { build, transform } = await import("esbuild");
  const [bundle, theme] = await Promise.all([
    build({
      entryPoints: ["main.tsx", "page.css"].map((name) => fileURLToPath(new URL(name, source))),
      bundle: true,
      minify: true,
      write: false,
      outdir: "/",
      format: "esm",
      target: "es2022",
      jsx: "automatic",
      jsxImportSource: "preact",
      logLevel: "silent",
    }),
    transform(THEME, { loader: "css", minify: true }),
  ]);
  const outputOf = (extension: string): Buffer =>
    Buffer.from(bundle.outputFiles.find(({ path }) => path.endsWith(extension))!.contents);
  return new Map([
    ["index.html", readFileSync(new URL("index.html", source))],
    ["icon.svg", readFileSync(new URL("icon.svg", source))],
    ["page.js", outputOf(".js")],
    ["page.css", Buffer.concat([Buffer.from(theme.code), outputOf(".css")])],
  ]);
}

/** Writes the page's files to a folder, for the built command. */
export async function writePageFiles(folder: URL): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const [name, body] of await bundlePage()) writeFileSync(new URL(name, folder), body);
}
