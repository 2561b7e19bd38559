// Builds the npm package of the `doorstep` command in dist/, or in the given folder: `npm run build`. It is a JavaScript
// bundle, since Node strips no types under node_modules, with a manifest of its own, since this project's lists what Lambda
// and the tests need.
import { chmodSync, copyFileSync, cpSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { writePageFiles } from "../console/page-files.ts";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Native, large or impossible to bundle, and rarely needed: users install these beside the command. */
const NATIVE = ["node-av", "@mediabunny/server", "@napi-rs/canvas", "jsdom"];
/** The oldest maintained Node release line that the AWS SDK supports. */
const OLDEST_NODE = 22;

const root = new URL("../", import.meta.url);
const dist = pathToFileURL(`${resolve(process.argv[2] ?? fileURLToPath(new URL("dist", root)))}/`);
const bundle = new URL("bin/doorstep.mjs", dist);

const manifest = JSON.parse(readFileSync(new URL("package.json", root), "utf8")) as Manifest;
const { metafile } = await build({
  entryPoints: {
    doorstep: fileURLToPath(new URL("cli/main.ts", root)),
    // Runs as a process of its own.
    "probe-child": fileURLToPath(new URL("uploader/sources/probe-child.ts", root)),
    // Runs in threads of their own.
    "generate-worker": fileURLToPath(new URL("cli/generate/worker.ts", root)),
  },
  outdir: fileURLToPath(new URL("bin", dist)),
  outExtension: { ".js": ".mjs" },
  bundle: true,
  splitting: true,
  platform: "node",
  target: `node${OLDEST_NODE}`,
  format: "esm",
  mainFields: ["module", "main"],
  // For bundled CommonJS packages, which `require` Node's modules; under a name that no bundled code imports.
  banner: {
    js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
  },
  // What bundles the console's page is not needed where the page is built.
  external: [...NATIVE, "esbuild"],
  legalComments: "linked",
  metafile: true,
  logLevel: "warning",
});
chmodSync(bundle, 0o755);

const imports = Object.values(metafile.outputs)
  .flatMap((output) => output.imports)
  .filter(({ path }) => NATIVE.includes(path));
const always = imports.find(({ kind }) => kind !== "dynamic-import");
if (always) throw new Error(`${always.path} is imported at startup; use await import() where it is needed`);

const { name, version, description, license, dependencies, devDependencies } = manifest;
const versions: Readonly<Record<string, string>> = { ...devDependencies, ...dependencies };
const natives = [...new Set(imports.map(({ path }) => path))];
writeFileSync(
  new URL("package.json", dist),
  `${JSON.stringify(
    {
      name,
      version,
      description,
      license,
      type: "module",
      bin: { doorstep: "bin/doorstep.mjs" },
      engines: { node: `>=${OLDEST_NODE}` },
      peerDependencies: Object.fromEntries(natives.map((native) => [native, versions[native]])),
      peerDependenciesMeta: Object.fromEntries(natives.map((native) => [native, { optional: true }])),
    },
    undefined,
    2,
  )}\n`,
);
copyFileSync(new URL("LICENSE", root), new URL("LICENSE", dist));
// The command reads them from the same relative path as in the project.
for (const folder of ["resources/queries", "resources/proof"])
  cpSync(new URL(folder, root), new URL(folder, dist), { recursive: true });
await writePageFiles(new URL("console/built-page/", dist));
