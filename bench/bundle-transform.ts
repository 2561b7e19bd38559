import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** The transform as the service packages it: its size in bytes and the source files in it. */
export async function bundleTransform(): Promise<{ bytes: number; inputs: string[] }> {
  const { outputFiles, metafile } = await build({
    entryPoints: [fileURLToPath(new URL("../functions/transform.ts", import.meta.url))],
    bundle: true,
    minify: true,
    platform: "node",
    target: "node24",
    format: "esm",
    mainFields: ["module", "main"],
    outfile: "transform.mjs",
    write: false,
    metafile: true,
  });
  return { bytes: outputFiles[0]!.contents.length, inputs: Object.keys(metafile.inputs) };
}
